import { desksIn } from "@opsdesk/desk";
import { service } from "@opsdesk/service";
import { readConfig } from "./config.ts";
import { projectionWatch } from "./http/projection-watch.ts";
import { routes } from "./http/routes.ts";
import { headPositions } from "./store/read-events.ts";
import { FIRST_GENERATION, handlersForGeneration } from "./subscriptions.ts";

export { dropGeneration, openGeneration, switchGeneration } from "./store/generations.ts";
export { handlersForGeneration } from "./subscriptions.ts";

/** How often a projection that somebody waits for is looked at. */
const WATCH_MS = 250;

/** The console: every event of the desk as a read model, and decisions on their way to the gate. */
export const consoleService = service({
  name: "console",
  schema: "console",
  migrations: new URL("../migrations/", import.meta.url),
  patienceMs: 200,
  configure: readConfig,
  wire: ({ streamsMax }, { blobs, clock, database, publish }) => {
    const desks = desksIn("console", blobs);
    const watch = projectionWatch((tenants) => headPositions(database, tenants), WATCH_MS);
    const stopping = new AbortController();
    const stop = (): void => {
      stopping.abort();
      watch.close();
    };
    return {
      handlers: handlersForGeneration(FIRST_GENERATION, desks),
      routes: routes({ read: database, desks, clock, publish, watch, streamsMax, stopping: stopping.signal }, stop),
      keys: { find: (sha256) => desks.holderOfKey(database, sha256) },
      stop: async () => stop(),
    };
  },
});
