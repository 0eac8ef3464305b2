import type { Runtime } from "@opsdesk/messaging";
import Type from "typebox";
import type { Parts } from "./definition.ts";
import type { App } from "./http.ts";
import { mount } from "./server.ts";

const Filter = Type.Object({
  status: Type.Optional(Type.Enum(["open", "retried", "replaced"])),
  code: Type.Optional(Type.String({ maxLength: 200 })),
  consumer: Type.Optional(Type.String({ maxLength: 200 })),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
  limit: Type.Optional(Type.String({ pattern: "^[0-9]{1,3}$" })),
});
const ById = Type.Object({ id: Type.String({ maxLength: 200 }) });

/** What an operator does to a service's messaging. A key of one business sees that business alone. */
export async function mountOps(app: App, name: string, runtime: Runtime, parts: Parts): Promise<void> {
  if (parts.keys === undefined) return;
  const scope = { config: { scope: "ops" } };
  const base = `/ops/${name}`;
  await mount(app, name, {
    handlers: {},
    keys: parts.keys,
    routes: (ops) => {
      ops.get(`${base}/dead-letters`, { ...scope, schema: { querystring: Filter } }, (request) =>
        runtime.deadLetters.list({
          ...request.query,
          tenant: request.holder.tenant,
          limit: Math.min(Number(request.query.limit ?? 50), 200),
        }),
      );
      ops.get(`${base}/dead-letters/groups`, scope, (request) => runtime.deadLetters.groups(request.holder.tenant));
      ops.get(`${base}/dead-letters/:id`, { ...scope, schema: { params: ById } }, (request) =>
        runtime.deadLetters.show(request.params.id, request.holder.tenant),
      );
      ops.post(`${base}/dead-letters/:id/retry`, { ...scope, schema: { params: ById } }, (request) =>
        runtime.deadLetters.retry(request.params.id, request.holder.tenant),
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
        (request) => runtime.deadLetters.replace(request.params.id, request.body.event, request.holder.tenant),
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
            tenant: request.holder.tenant,
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
