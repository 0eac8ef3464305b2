import type { Read } from "@opsdesk/database";
import { RejectedError } from "@opsdesk/errors";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { App } from "@opsdesk/service";
import Type from "typebox";
import type { ConsoleErrorCode } from "../errors.ts";
import { requestsOf } from "../store/decision-requests.ts";
import { listReviews, reviewById } from "../store/read-reviews.ts";
import { Limit, Name, ReviewBody, ReviewItem, Shadow, limitOf, listOf } from "./schemas.ts";
import { tenantOf } from "./tenant.ts";
import { toldReview } from "./told.ts";

const CURSOR = /^(\d{4}-\d\d-\d\dT[\d:.]{8,12}Z)~(.{1,200})$/;
const List = Type.Object({
  status: Type.Optional(Type.Enum(["pending", "decided", "retired"])),
  owner: Type.Optional(Name),
  ticket: Type.Optional(Name),
  cursor: Type.Optional(Type.String({ maxLength: 240, pattern: CURSOR.source })),
  limit: Limit,
  shadow: Shadow,
});
const ById = Type.Object({ id: Name });

/** RejectedError `review_not_found`: never heard of, or of another tenant. */
export const noReview = (id: string): RejectedError =>
  new RejectedError<ConsoleErrorCode>("review_not_found", `no review ${id}`, {
    publicMessage: "There is no such review, or it has not arrived yet.",
  });

export function reviewRoutes(app: App, read: Read): void {
  app.get(
    "/v1/reviews",
    {
      config: { scope: "reviews:read" },
      schema: { summary: "Reviews, what is due first", querystring: List, response: { 200: listOf(ReviewItem) } },
    },
    async (request) => {
      const { cursor, owner, status, ticket } = request.query;
      const [, dueBy, id] = CURSOR.exec(cursor ?? "") ?? [];
      const limit = limitOf(request.query.limit);
      const after = dueBy === undefined || id === undefined ? undefined : { dueBy, id };
      const rows = await listReviews(read, tenantOf(request.holder, request.query), {
        status,
        ownerId: owner,
        ticketId: ticket,
        after,
        limit,
      });
      const last = rows.length === limit ? rows.at(-1) : undefined;
      return {
        items: rows.map(toldReview),
        nextCursor: last === undefined ? null : `${last.dueBy.toISOString()}~${last.id}`,
      };
    },
  );
  app.get(
    "/v1/reviews/:id",
    {
      config: { scope: "reviews:read" },
      schema: {
        summary: "A review with all that is needed to decide: draft, evidence, reasons, missing information",
        params: ById,
        querystring: Type.Object({ shadow: Shadow }),
        response: { 200: ReviewBody },
      },
    },
    async (request) => {
      const tenant = tenantOf(request.holder, request.query);
      const row = await reviewById(read, tenant, request.params.id);
      if (row === undefined) throw noReview(request.params.id);
      const submitted = await requestsOf(read, tenant, row.id);
      return {
        ...toldReview(row),
        correlationId: row.correlationId,
        eventId: row.requiredEventId,
        // The payload of ai.draft.review_required, checked before it was kept.
        required: (JSON.parse(row.body) as Envelope).data as object,
        submitted: submitted.map(({ decidedAt, ...one }) => ({ ...one, at: decidedAt.toISOString() })),
      };
    },
  );
}
