import { type Deciding, decisionRoute } from "./decisions.ts";
import { type Streaming, eventStreamRoute } from "./event-stream.ts";
import { eventRoutes } from "./events.ts";
import { reviewRoutes } from "./reviews.ts";
import { storyRoutes } from "./stories.ts";
import type { App } from "@opsdesk/service";

export type ConsoleRoutes = Deciding & Streaming;

/** The read model for people and programs, and the one thing they may ask for here: a decision about a draft. */
export const routes =
  (ports: ConsoleRoutes, stop: () => void) =>
  (app: App): void => {
    // Before the listener waits for its connections: a live stream would keep it waiting for ever.
    app.addHook("preClose", (done) => {
      stop();
      done();
    });
    storyRoutes(app, ports.read);
    eventRoutes(app, ports.read);
    eventStreamRoute(app, ports);
    reviewRoutes(app, ports.read);
    decisionRoute(app, ports);
  };
