import { prefixedId, sha256Hex } from "@opsdesk/identity";
import type { App, KeyHolder } from "@opsdesk/service";
import { type SecretBox, newSecret } from "../clients/secret-box.ts";
import { OVERLAP_SECONDS } from "../decide/sync-endpoints.ts";
import { endpointPage } from "../store/pages.ts";
import type { EndpointRow } from "../store/rows.ts";
import { refusal } from "./refusal.ts";
import {
  CreateBody,
  CreatedAnswer,
  DeletedAnswer,
  EndpointAnswer,
  EndpointList,
  IdParams,
  PageQuery,
  RotateBody,
  RotatedAnswer,
  TestAnswer,
  UpdateBody,
  WriteHeaders,
} from "./shapes.ts";
import { type CommandPorts, submitCommand, textIn } from "./submit-command.ts";

export interface EndpointPorts extends CommandPorts {
  readonly box: SecretBox;
}

const PAGE = 50;
const READ = { scope: "webhooks:read" };
const WRITE = { scope: "webhooks:write" };

const toAnswer = ({ tenant: _, version: __, events, ...endpoint }: EndpointRow) => ({
  ...endpoint,
  events: [...events],
});

/** `/v1/webhooks/endpoints`. A secret is made here and leaves in one answer; everything behind sees it encrypted. */
export function endpointRoutes(app: App, { database, offer, box }: EndpointPorts): void {
  const ports = { database, offer };
  const endpoint = async ({ tenant }: KeyHolder, endpointId: string) => {
    const [row] = await endpointPage(database, { tenant, endpointId, limit: 1 });
    if (row === undefined) throw refusal("endpoint_not_found", "There is no such endpoint.");
    return toAnswer(row);
  };
  const made = () => {
    const secret = newSecret();
    return { secret, kept: { secretId: prefixedId("sec", sha256Hex(secret)), sealed: box.seal(secret) } };
  };

  app.get(
    "/v1/webhooks/endpoints",
    { config: READ, schema: { querystring: PageQuery, response: { 200: EndpointList } } },
    async (request) => {
      const { cursor, limit = PAGE } = request.query;
      const rows = await endpointPage(database, { tenant: request.holder.tenant, cursor, limit: limit + 1 });
      const items = rows.slice(0, limit).map(toAnswer);
      return { items, nextCursor: rows.length > limit ? (items.at(-1)?.endpointId ?? null) : null };
    },
  );

  app.get(
    "/v1/webhooks/endpoints/:id",
    { config: READ, schema: { params: IdParams, response: { 200: EndpointAnswer } } },
    (request) => endpoint(request.holder, request.params.id),
  );

  app.post(
    "/v1/webhooks/endpoints",
    { config: WRITE, schema: { headers: WriteHeaders, body: CreateBody, response: { 201: CreatedAnswer } } },
    async (request, reply) => {
      const { secret, kept } = made();
      const given = { ...request.body, teamId: request.body.teamId ?? null, secret: kept };
      const answer = await submitCommand(
        ports,
        request.holder,
        request.headers["idempotency-key"],
        "endpoint.create",
        given,
      );
      const created = await endpoint(request.holder, textIn(answer.reply, "endpointId"));
      return await reply.code(201).send({ ...created, secret: answer.repeated ? null : secret });
    },
  );

  app.patch(
    "/v1/webhooks/endpoints/:id",
    {
      config: WRITE,
      schema: { headers: WriteHeaders, params: IdParams, body: UpdateBody, response: { 200: EndpointAnswer } },
    },
    async (request) => {
      await submitCommand(ports, request.holder, request.headers["idempotency-key"], "endpoint.update", {
        ...request.body,
        endpointId: request.params.id,
      });
      return await endpoint(request.holder, request.params.id);
    },
  );

  app.delete(
    "/v1/webhooks/endpoints/:id",
    { config: WRITE, schema: { headers: WriteHeaders, params: IdParams, response: { 200: DeletedAnswer } } },
    async (request) => {
      await submitCommand(ports, request.holder, request.headers["idempotency-key"], "endpoint.delete", {
        endpointId: request.params.id,
      });
      return { endpointId: request.params.id };
    },
  );

  app.post(
    "/v1/webhooks/endpoints/:id/rotate-secret",
    {
      config: WRITE,
      schema: { headers: WriteHeaders, params: IdParams, body: RotateBody, response: { 200: RotatedAnswer } },
    },
    async (request) => {
      const { secret, kept } = made();
      const given = {
        endpointId: request.params.id,
        overlapSeconds: request.body.overlapSeconds ?? OVERLAP_SECONDS,
        secret: kept,
      };
      const { reply, repeated } = await submitCommand(
        ports,
        request.holder,
        request.headers["idempotency-key"],
        "endpoint.rotate_secret",
        given,
      );
      return {
        endpointId: request.params.id,
        overlapEndsAt: reply["overlapEndsAt"] === null ? null : textIn(reply, "overlapEndsAt"),
        secret: repeated ? null : secret,
      };
    },
  );

  app.post(
    "/v1/webhooks/endpoints/:id/test",
    { config: WRITE, schema: { headers: WriteHeaders, params: IdParams, response: { 202: TestAnswer } } },
    async (request, reply) => {
      const answer = await submitCommand(ports, request.holder, request.headers["idempotency-key"], "endpoint.test", {
        endpointId: request.params.id,
      });
      return await reply.code(202).send({ deliveryId: textIn(answer.reply, "deliveryId") });
    },
  );
}
