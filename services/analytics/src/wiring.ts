import { TransientError } from "@opsdesk/errors";
import { service } from "@opsdesk/service";
import { openSearchStore } from "./clients/opensearch.ts";
import { readConfig } from "./config.ts";
import { deleteExpired } from "./handlers/delete-expired.ts";
import { placesOf } from "./handlers/places.ts";
import { searchProjection } from "./handlers/project-events.ts";

/** Often enough that what a switch of generations has left is not seen for long. */
const SWEEP_SECONDS = 300;

/** Projects events into OpenSearch for analysts; decides nothing. */
export const analyticsService = service({
  name: "analytics",
  schema: "analytics",
  migrations: new URL("../migrations/", import.meta.url),
  configure: readConfig,
  wire: ({ openSearchUrl, prefix, rawText, eventDays }, { clock, log, gauge }) => {
    const store = openSearchStore(openSearchUrl);
    const places = placesOf(store, prefix);
    const newest = gauge(
      "opsdesk_analytics_newest_event_timestamp_seconds",
      "When the newest event happened that analysts can find.",
    );
    const delay = gauge(
      "opsdesk_analytics_delay_seconds",
      "From the newest event of the last batch to its being indexed.",
    );
    const seen = { newest: 0 };
    return {
      handlers: {},
      projections: {
        search: searchProjection({
          store,
          places,
          prefix,
          rawText,
          eventDays,
          clock,
          onProjected: (batch) => {
            seen.newest = Math.max(seen.newest, batch.newest);
            newest(seen.newest / 1_000);
            delay(Math.max(0, batch.at - batch.newest) / 1_000);
          },
        }),
      },
      timers: [
        {
          name: "delete-expired",
          everySeconds: SWEEP_SECONDS,
          run: async () => {
            const deleted = await deleteExpired({ store, places, clock }, { prefix, eventDays });
            if (deleted.length > 0) log.info({ deleted }, "days of events that are past their time were deleted");
          },
        },
      ],
      // Analysts find empty indices rather than none. Where the server is down, the first batch tries again.
      start: async () => {
        try {
          await places.current();
        } catch (error) {
          if (!(error instanceof TransientError)) throw error;
          log.warn({ code: error.code, err: error }, "the indices could not be prepared; events wait until they are");
        }
      },
      stop: () => store.close(),
    };
  },
});
