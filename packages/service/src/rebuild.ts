import { RejectedError } from "@opsdesk/errors";
import { sha256Hex } from "@opsdesk/identity";
import { type Clock, isoTime, type Runtime } from "@opsdesk/messaging";
import type { FastifyRequest } from "fastify";
import Type, { type Static } from "typebox";
import type { Environment } from "./definition.ts";
import type { App } from "./http.ts";
import { mount } from "./server.ts";

const Body = Type.Object(
  { projection: Type.String({ minLength: 1, maxLength: 100 }) },
  { additionalProperties: false },
);

const Rebuild = Type.Object({
  projection: Type.String(),
  state: Type.Enum(["running", "done", "failed"]),
  startedAt: Type.String(),
  endedAt: Type.Union([Type.String(), Type.Null()]),
  /** Events of the log that have been projected; those that came meanwhile are read twice. */
  events: Type.Integer(),
  unreadable: Type.Integer(),
  refused: Type.Integer(),
  /** Why it failed, or null. What was there before is still in use. */
  code: Type.Union([Type.String(), Type.Null()]),
});
type Rebuild = Static<typeof Rebuild>;

const Rebuilds = Type.Object({ projections: Type.Array(Type.String()), items: Type.Array(Rebuild) });

/** A projection holds all businesses, so only whoever has the installation's own key makes it again. */
export interface RebuildPorts {
  readonly runtime: Pick<Runtime, "rebuildProjection">;
  readonly clock: Clock;
  readonly projections: readonly string[];
  readonly environment: Environment;
}

/** `/ops/{service}/rebuild`: starts one, and tells how far the last one of each projection is, in this process. */
export async function mountRebuild(app: App, name: string, ports: RebuildPorts): Promise<void> {
  const { clock, projections, runtime } = ports;
  const { INSTALL_KEY_SHA256: installKeySha256 } = ports.environment;
  const last = new Map<string, Rebuild>();
  const path = `/ops/${name}/rebuild`;

  const operatorOnly = ({ headers }: Pick<FastifyRequest, "headers">): void => {
    const key = /^Bearer (\S{16,400})$/.exec(headers.authorization ?? "")?.[1];
    // Hashes are compared, so the time it takes says nothing about the key.
    if (installKeySha256 === undefined || key === undefined || sha256Hex(key) !== installKeySha256)
      throw new RejectedError("unauthenticated", "wrong installation key", {
        publicMessage: "Send the installation's key: `Authorization: Bearer …`.",
      });
  };

  const start = (projection: string): Rebuild => {
    if (last.get(projection)?.state === "running")
      throw new RejectedError("already_rebuilding", `${projection} is being rebuilt`, {
        publicMessage: `${projection} is being rebuilt: wait for it to end.`,
      });
    const begun: Rebuild = {
      projection,
      state: "running",
      startedAt: isoTime(clock),
      endedAt: null,
      events: 0,
      unreadable: 0,
      refused: 0,
      code: null,
    };
    const now = (change: Partial<Rebuild>): void => {
      last.set(projection, { ...(last.get(projection) ?? begun), ...change });
    };
    // Throws at once where there is no such projection.
    const working = runtime.rebuildProjection(projection, (events) => now({ events }));
    last.set(projection, begun);
    void working.then(
      ({ events, refused, unreadable }) => now({ state: "done", endedAt: isoTime(clock), events, refused, unreadable }),
      (error: unknown) => {
        const code = error instanceof Error && "code" in error ? String(error.code) : "unexpected";
        now({ state: "failed", endedAt: isoTime(clock), code });
      },
    );
    return begun;
  };

  await mount(app, name, {
    handlers: {},
    routes: (ops) => {
      // Not an API key but the installation's own, as for making a business.
      const config = { scope: "public" };
      ops.post(path, { config, schema: { body: Body, response: { 202: Rebuild } } }, async (request, reply) => {
        operatorOnly(request);
        return await reply.status(202).send(start(request.body.projection));
      });
      ops.get(path, { config, schema: { response: { 200: Rebuilds } } }, (request) => {
        operatorOnly(request);
        return { projections: [...projections], items: [...last.values()] };
      });
    },
  });
}
