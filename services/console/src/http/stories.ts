import type { Read } from "@opsdesk/database";
import { RejectedError } from "@opsdesk/errors";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { App } from "@opsdesk/service";
import Type from "typebox";
import type { ConsoleErrorCode } from "../errors.ts";
import { tellStory } from "../decide/tell-story.ts";
import { numberIn } from "../decide/ticket-place.ts";
import { eventsOfTicket } from "../store/read-events.ts";
import { listStories, storyOf } from "../store/read-stories.ts";
import { Limit, Name, Position, Shadow, StoryBody, StoryItem, limitOf, listOf } from "./schemas.ts";
import { tenantOf } from "./tenant.ts";
import { toldStory } from "./told.ts";

const List = Type.Object({
  cursor: Type.Optional(Position),
  limit: Limit,
  status: Type.Optional(Name),
  q: Type.Optional(Name),
  shadow: Shadow,
});
const One = Type.Object({
  ref: Type.String({ minLength: 1, maxLength: 200, description: "reference (OD-1025) or ticket id" }),
});

export function storyRoutes(app: App, read: Read): void {
  app.get(
    "/v1/stories",
    {
      config: { scope: "tickets:read" },
      schema: { summary: "Tickets, newest first", querystring: List, response: { 200: listOf(StoryItem) } },
    },
    async (request) => {
      const { cursor, q, status } = request.query;
      const limit = limitOf(request.query.limit);
      const rows = await listStories(read, tenantOf(request.holder, request.query), {
        status,
        words: q,
        before: cursor === undefined ? undefined : Number(cursor),
        limit,
      });
      const last = rows.length === limit ? rows.at(-1) : undefined;
      return { items: rows.map(toldStory), nextCursor: last === undefined ? null : String(last.referenceNumber) };
    },
  );
  app.get(
    "/v1/stories/:ref",
    {
      config: { scope: "tickets:read" },
      schema: {
        summary: "A ticket's whole story",
        params: One,
        querystring: Type.Object({ shadow: Shadow }),
        response: { 200: Type.Unsafe<ReturnType<typeof toldStory> & ReturnType<typeof tellStory>>(StoryBody) },
      },
    },
    async (request) => {
      const tenant = tenantOf(request.holder, request.query);
      const { ref } = request.params;
      const row = await storyOf(read, tenant, ref, numberIn(ref));
      if (row === undefined)
        throw new RejectedError<ConsoleErrorCode>("story_not_found", `no ticket ${ref}`, {
          publicMessage: "There is no such ticket. Use its reference or its id.",
        });
      const kept = await eventsOfTicket(read, tenant, row.ticketId);
      // Bodies are envelopes that were checked before they were kept.
      const events = kept.map(({ position, body }) => ({ position, event: JSON.parse(body) as Envelope }));
      return { ...toldStory(row), ...tellStory(events) };
    },
  );
}
