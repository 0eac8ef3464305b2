import type { App } from "@opsdesk/service";
import { chainHolds } from "../decide/attempt-log.ts";
import { attemptsOf } from "../store/attempts.ts";
import { deliveryPage, deliveryWithBody } from "../store/pages.ts";
import type { DeliveryRow } from "../store/rows.ts";
import { refusal } from "./refusal.ts";
import {
  DeliveryDetail,
  DeliveryList,
  DeliveryQuery,
  IdParams,
  ReplayAnswer,
  ReplayBody,
  WriteHeaders,
} from "./shapes.ts";
import { type CommandPorts, submitCommand } from "./submit-command.ts";

const PAGE = 50;
const READ = { scope: "webhooks:read" };

const toAnswer = ({ tenant: _, lane: __, tries: ___, lastHash: ____, version: _____, ...delivery }: DeliveryRow) =>
  delivery;

/** A place in the list: the row after which the next page begins. */
const cursorOf = ({ createdAt, deliveryId }: DeliveryRow): string => `${createdAt}~${deliveryId}`;
function placeOf(cursor: string | undefined): { createdAt: string; deliveryId: string } | undefined {
  if (cursor === undefined) return undefined;
  const [, createdAt, deliveryId] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)~(dlv_[0-9a-z]{26})$/.exec(cursor) ?? [];
  if (createdAt === undefined || deliveryId === undefined || Number.isNaN(Date.parse(createdAt)))
    throw refusal("arguments_invalid", "This is not a cursor of this list.");
  return { createdAt, deliveryId };
}

/** `/v1/webhooks/deliveries`: what was sent, what came back, and again. */
export function deliveryRoutes(app: App, ports: CommandPorts): void {
  const { database } = ports;

  app.get(
    "/v1/webhooks/deliveries",
    { config: READ, schema: { querystring: DeliveryQuery, response: { 200: DeliveryList } } },
    async (request) => {
      const { cursor, limit = PAGE, ...filter } = request.query;
      // A number orders the deliveries of one endpoint; for several it means nothing.
      if (filter.afterSequence !== undefined && filter.endpointId === undefined)
        throw refusal("arguments_invalid", "afterSequence needs endpointId.");
      const rows = await deliveryPage(database, {
        ...filter,
        before: placeOf(cursor),
        tenant: request.holder.tenant,
        limit: limit + 1,
      });
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      // Numbered pages go on with the last number instead.
      const more = rows.length > limit && last !== undefined && filter.afterSequence === undefined;
      return { items: items.map(toAnswer), nextCursor: more ? cursorOf(last) : null };
    },
  );

  app.get(
    "/v1/webhooks/deliveries/:id",
    { config: READ, schema: { params: IdParams, response: { 200: DeliveryDetail } } },
    async (request) => {
      const { tenant } = request.holder;
      const delivery = await deliveryWithBody(database, tenant, request.params.id);
      if (delivery === undefined) throw refusal("delivery_not_found", "There is no such delivery.");
      const attempts = await attemptsOf(database, tenant, request.params.id);
      const chain = chainHolds(attempts, delivery.lastHash) ? ("holds" as const) : ("broken" as const);
      const attemptLog = attempts.map(({ tenant: _, deliveryId: __, contentHash: ___, ...attempt }) => attempt);
      return { ...toAnswer(delivery), body: delivery.body, chain, attemptLog };
    },
  );

  app.post(
    "/v1/webhooks/deliveries/replay",
    {
      config: { scope: "webhooks:write" },
      schema: { headers: WriteHeaders, body: ReplayBody, response: { 202: ReplayAnswer } },
    },
    async (request, reply) => {
      const answer = await submitCommand(
        ports,
        request.holder,
        request.headers["idempotency-key"],
        "delivery.replay",
        request.body,
      );
      // What decide/endpoint-command.ts answers a replay.
      return await reply
        .code(202)
        .send(answer.reply as { replayed: number; deliveryIds: string[]; lastSequence: number | null });
    },
  );
}
