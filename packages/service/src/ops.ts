import type { Runtime } from "@opsdesk/messaging";
import Type from "typebox";
import type { Environment, KeyDirectory, KeyHolder } from "./definition.ts";
import type { App } from "./http.ts";
import { mount } from "./server.ts";

const Filter = Type.Object({
  status: Type.Optional(Type.Enum(["open", "retried", "replaced", "closed"])),
  code: Type.Optional(Type.String({ maxLength: 200 })),
  consumer: Type.Optional(Type.String({ maxLength: 200 })),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
  limit: Type.Optional(Type.String({ pattern: "^[0-9]{1,3}$" })),
});
const ById = Type.Object({ id: Type.String({ maxLength: 200 }) });

export interface OpsPorts {
  readonly runtime: Pick<Runtime, "deadLetters" | "replay">;
  /** Of businesses; absent: only the installation's own key is known. */
  readonly keys: KeyDirectory | undefined;
  readonly environment: Environment;
}

/** What no business is called. */
const EVERYBODY = "*";

/** Whose rows a key may see; undefined: all of them, also those that no business owns. */
const tenantOf = ({ holder }: { readonly holder: KeyHolder }): string | undefined =>
  holder.tenant === EVERYBODY ? undefined : holder.tenant;

const tenantIn = (request: { readonly holder: KeyHolder }): { readonly tenant?: string } => {
  const tenant = tenantOf(request);
  return tenant === undefined ? {} : { tenant };
};

/** The installation's own key among those of businesses. */
const withInstallation = (keys: KeyDirectory | undefined, installKeySha256: string | undefined): KeyDirectory => ({
  find: async (sha256) =>
    sha256 === installKeySha256
      ? { keyId: "installation", tenant: EVERYBODY, scopes: ["ops", "ops:edit"] }
      : await keys?.find(sha256),
});

/**
 * What an operator does to a service's messaging. A key of one business sees that business alone; the installation's sees
 * all, and is the only one that sees a record whose business nobody can tell.
 */
export async function mountOps(app: App, name: string, { environment, keys, runtime }: OpsPorts): Promise<void> {
  const scope = { config: { scope: "ops" } };
  const base = `/ops/${name}`;
  await mount(app, name, {
    handlers: {},
    keys: withInstallation(keys, environment["INSTALL_KEY_SHA256"]),
    routes: (ops) => {
      ops.get(`${base}/dead-letters`, { ...scope, schema: { querystring: Filter } }, (request) =>
        runtime.deadLetters.list({
          ...request.query,
          ...tenantIn(request),
          limit: Math.min(Number(request.query.limit ?? 50), 200),
        }),
      );
      ops.get(`${base}/dead-letters/groups`, scope, (request) => runtime.deadLetters.groups(request.holder.tenant));
      ops.get(`${base}/dead-letters/:id`, { ...scope, schema: { params: ById } }, (request) =>
        runtime.deadLetters.show(request.params.id, tenantOf(request)),
      );
      ops.post(`${base}/dead-letters/:id/retry`, { ...scope, schema: { params: ById } }, (request) =>
        runtime.deadLetters.retry(request.params.id, tenantOf(request)),
      );
      ops.post(
        `${base}/dead-letters/:id/close`,
        {
          ...scope,
          schema: {
            params: ById,
            body: Type.Object(
              { because: Type.String({ minLength: 1, maxLength: 500 }) },
              { additionalProperties: false },
            ),
          },
        },
        (request) => runtime.deadLetters.close(request.params.id, request.body.because, tenantOf(request)),
      );
      // Off unless the key was given the right to change what was received.
      ops.post(
        `${base}/dead-letters/:id/replace`,
        {
          config: { scope: "ops:edit" },
          schema: {
            params: ById,
            body: Type.Object({ event: Type.Record(Type.String(), Type.Unknown()) }, { additionalProperties: false }),
          },
        },
        (request) => runtime.deadLetters.replace(request.params.id, request.body.event, tenantOf(request)),
      );
      ops.post(
        `${base}/replay`,
        {
          ...scope,
          schema: {
            body: Type.Object(
              {
                handler: Type.Optional(Type.String({ maxLength: 100 })),
                topic: Type.Optional(Type.String({ maxLength: 200 })),
                fromOffset: Type.Optional(Type.Integer({ minimum: 0 })),
                fromTime: Type.Optional(Type.String({ format: "date-time" })),
                dryRun: Type.Optional(Type.Boolean()),
                perSecondMax: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
              },
              { additionalProperties: false },
            ),
          },
        },
        (request) => {
          const { handler, topic, fromOffset, fromTime, dryRun, perSecondMax } = request.body;
          return runtime.replay({
            ...tenantIn(request),
            ...(handler === undefined ? {} : { handler }),
            ...(topic === undefined ? {} : { topic }),
            from: fromTime === undefined ? { offset: fromOffset ?? 0 } : { time: Date.parse(fromTime) },
            dryRun: dryRun ?? false,
            perSecondMax: perSecondMax ?? 200,
          });
        },
      );
    },
  });
}
