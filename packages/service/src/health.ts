import type { Hosted, Lane } from "./host.ts";
import type { App } from "./http.ts";

/** Below thirty seconds, so that a probe that asks every few of them hears of it within thirty. */
const BEAT_MS_MAX = 25_000;

export interface Health {
  /** Set false first of all when the process is asked to stop. */
  readonly accepting: () => boolean;
}

/**
 * Liveness is progress of the consumer loops: a loop that stopped is not live, however well the process looks.
 * Readiness is "migrated, database and bus reachable, and not about to end": an outage is not ready, and never a restart.
 */
export function mountHealth(
  app: App,
  lane: Pick<Lane, "clock" | "metrics" | "reachable">,
  hosted: readonly Pick<Hosted, "name" | "runtime">[],
  health: Health,
): void {
  const open = { config: { scope: "public" }, schema: { hide: true } };
  // After an outage, loops take their time to find that it is over.
  let outageAt = 0;
  app.get("/livez", open, async (_request, reply) => {
    const stopped = hosted.filter((one) => one.runtime.stoppedBy() !== undefined);
    const silent = hosted.filter((one) => lane.clock.now() - Math.max(one.runtime.beatAt(), outageAt) > BEAT_MS_MAX);
    // While Postgres or the broker is down, loops wait for it: a restart would not bring it back.
    const { database, bus } = silent.length === 0 ? { database: true, bus: true } : await lane.reachable();
    if (!database || !bus) outageAt = lane.clock.now();
    const stuck = [...new Set([...stopped, ...(database && bus ? silent : [])])];
    return reply
      .status(stuck.length === 0 ? 200 : 503)
      .send({ live: stuck.length === 0, stuck: stuck.map((one) => one.name) });
  });
  app.get("/readyz", open, async (_request, reply) => {
    const { database, bus } = await lane.reachable();
    const ready = database && bus && health.accepting();
    return reply.status(ready ? 200 : 503).send({ ready, database, bus, services: hosted.map((one) => one.name) });
  });
  // Nothing in work and nothing waiting, in any service: what tests and an orderly end wait for.
  app.get("/idlez", open, async (_request, reply) => {
    const busy: string[] = [];
    for (const one of hosted) if (!(await one.runtime.idle())) busy.push(one.name);
    return reply.status(busy.length === 0 ? 200 : 503).send({ idle: busy.length === 0, busy });
  });
  app.get("/metrics", open, async (_request, reply) =>
    reply.type(lane.metrics.registry.contentType).send(await lane.metrics.registry.metrics()),
  );
}
