import type { Server } from "./server.ts";

/** What the setup of a test run started and its end stops; both run in the same process. */
export const shared: { readonly servers: Server[] } = { servers: [] };
