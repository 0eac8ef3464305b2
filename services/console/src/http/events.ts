import type { Read } from "@opsdesk/database";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { App } from "@opsdesk/service";
import Type from "typebox";
import { pageOfEvents } from "../store/read-events.ts";
import { EventBody, Limit, Name, Position, Shadow, TypeList, limitOf, listOf, typesOf } from "./schemas.ts";
import { tenantOf } from "./tenant.ts";

const List = Type.Object({
  ticket: Type.Optional(Name),
  type: TypeList,
  cursor: Type.Optional(Position),
  limit: Limit,
  shadow: Shadow,
});

export function eventRoutes(app: App, read: Read): void {
  app.get(
    "/v1/events",
    {
      config: { scope: "events:read" },
      schema: {
        summary: "Events in the order in which they were heard",
        querystring: List,
        response: { 200: Type.Unsafe<{ items: object[]; nextCursor: string | null }>(listOf(EventBody)) },
      },
    },
    async (request) => {
      const { cursor, ticket, type } = request.query;
      const limit = limitOf(request.query.limit);
      const rows = await pageOfEvents(read, tenantOf(request.holder, request.query), {
        ticket,
        types: typesOf(type),
        after: Number(cursor ?? 0),
        limit,
      });
      const last = rows.length === limit ? rows.at(-1) : undefined;
      return {
        items: rows.map(({ position, body }) => ({ position, ...(JSON.parse(body) as Envelope) })),
        nextCursor: last === undefined ? null : String(last.position),
      };
    },
  );
}
