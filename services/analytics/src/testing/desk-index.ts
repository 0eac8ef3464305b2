import type { Projection } from "@opsdesk/messaging";
import { testOpenSearch } from "@opsdesk/servers/suites";
import { openSearchStore } from "../clients/opensearch.ts";
import type { SearchStore } from "../clients/store.ts";
import { placesOf, type Places } from "../handlers/places.ts";
import { searchProjection } from "../handlers/project-events.ts";

/** The run's real search server, with a prefix of its own. */
export function testIndex(options: { rawText?: boolean; eventDays?: number; now?: () => number } = {}): {
  readonly url: string;
  readonly prefix: string;
  readonly store: SearchStore;
  readonly places: Places;
  readonly projection: Projection;
  readonly clock: { now(): number };
  drop(): Promise<void>;
} {
  const { url, prefix } = testOpenSearch();
  const store = openSearchStore(url);
  const places = placesOf(store, prefix);
  const clock = { now: options.now ?? Date.now };
  return {
    url,
    prefix,
    store,
    places,
    clock,
    projection: searchProjection({
      store,
      places,
      prefix,
      clock,
      rawText: options.rawText ?? false,
      eventDays: options.eventDays ?? 400,
      onProjected: () => {},
    }),
    async drop() {
      await store.deleteIndices(await store.indices(`${prefix}-*`));
      await store.close();
    },
  };
}
