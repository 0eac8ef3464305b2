import { randomBytes } from "node:crypto";
import type { Projection } from "@opsdesk/messaging";
import { openSearchStore } from "../clients/opensearch.ts";
import type { SearchStore } from "../clients/store.ts";
import { placesOf, type Places } from "../handlers/places.ts";
import { searchProjection } from "../handlers/project-events.ts";

/** A real search server (`OPSDESK_TEST_OPENSEARCH_URL`) with a prefix of its own. Without an address the suite fails. */
export function testIndex(
  url: string | undefined,
  options: { rawText?: boolean; eventDays?: number; now?: () => number } = {},
): {
  readonly url: string;
  readonly prefix: string;
  readonly store: SearchStore;
  readonly places: Places;
  readonly projection: Projection;
  readonly clock: { now(): number };
  drop(): Promise<void>;
} {
  if (url === undefined || url === "") throw new Error("OPSDESK_TEST_OPENSEARCH_URL names no search server");
  const prefix = `t${randomBytes(5).toString("hex")}`;
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
