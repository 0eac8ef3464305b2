import { TransientError } from "@opsdesk/errors";
import type { Clock, Projection } from "@opsdesk/messaging";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { SearchStore } from "../clients/store.ts";
import { isShadow, projectedTypes } from "../decide/collections.ts";
import { dayOf } from "../decide/event-document.ts";
import { keptFrom } from "../decide/generation.ts";
import type { Places } from "./places.ts";
import { writeEvents, writeFolds } from "./write-documents.ts";

export interface ProjectionDeps {
  readonly store: SearchStore;
  readonly places: Places;
  readonly prefix: string;
  readonly rawText: boolean;
  readonly eventDays: number;
  readonly clock: Clock;
  /** Told of each batch that is in the index. */
  readonly onProjected: (batch: { readonly newest: number; readonly at: number }) => void;
}

/** The projection of events into the search server's documents. */
export function searchProjection(deps: ProjectionDeps): Projection {
  const { store, places, prefix, rawText, eventDays, clock } = deps;

  async function write(all: readonly Envelope[], generation: number, shown: boolean): Promise<void> {
    const events = all.filter((event) => !isShadow(event.tenantid));
    if (events.length === 0) return;
    // An event of a day that is deleted already would only bring that day back.
    const from = keptFrom(clock.now(), eventDays);
    const kept: { event: Envelope; index: string }[] = [];
    for (const event of events) {
      const day = dayOf(event.time);
      if (day >= from) kept.push({ event, index: await places.ofDay(generation, day, shown) });
    }
    const now = clock.now();
    try {
      await writeEvents(store, kept, new Date(now).toISOString(), rawText);
      await writeFolds(store, events, { generation, prefix, rawText });
    } catch (error) {
      // An index may be gone because another process has switched to the next generation.
      if (error instanceof TransientError) places.forget();
      throw error;
    }
    if (shown)
      deps.onProjected({ newest: Math.max(...events.map((event) => Date.parse(event.time))), at: clock.now() });
  }

  return {
    types: projectedTypes,
    project: async (events) => write(events, await places.current(), true),
    async rebuild() {
      const generation = await places.next();
      let shown = false;
      return {
        project: (events) => write(events, generation, shown),
        async activate() {
          await places.activate(generation);
          shown = true;
        },
      };
    },
  };
}
