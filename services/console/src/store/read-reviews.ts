import { type Read, sql } from "@opsdesk/database";
import { activeGeneration } from "./generations.ts";

/** A review as lists show it, with its ticket's subject and customer. */
export interface ReviewRow {
  readonly id: string;
  readonly draftId: string;
  readonly ticketId: string;
  readonly reference: string;
  readonly conversationVersion: number;
  readonly status: "pending" | "decided" | "retired";
  readonly correlationId: string;
  readonly requiredEventId: string;
  readonly categoryId: string | null;
  readonly categoryName: string | null;
  readonly priority: string;
  readonly ownerId: string;
  readonly ownerName: string;
  readonly dueBy: Date;
  readonly fingerprint: string;
  readonly sendable: boolean;
  readonly requiredAt: Date;
  readonly decision: string | null;
  readonly decisionId: string | null;
  readonly decidedById: string | null;
  readonly decidedByName: string | null;
  readonly decidedVia: string | null;
  readonly decidedAt: Date | null;
  readonly appliedAt: Date | null;
  readonly retiredReason: string | null;
  readonly retiredDetail: string | null;
  readonly retiredAt: Date | null;
  readonly subject: string | null;
  readonly customerName: string | null;
}

const columns = sql`r.review_id as id, r.draft_id as "draftId", r.ticket_id as "ticketId", r.reference, r.conversation_version as "conversationVersion",
  r.status, r.correlation_id as "correlationId", r.required_event_id as "requiredEventId", r.category_id as "categoryId",
  r.category_name as "categoryName", r.priority, r.owner_id as "ownerId", r.owner_name as "ownerName", r.due_by as "dueBy", r.fingerprint,
  r.sendable, r.required_at as "requiredAt", r.decision, r.decision_id as "decisionId", r.decided_by_id as "decidedById",
  r.decided_by_name as "decidedByName", r.decided_via as "decidedVia", r.decided_at as "decidedAt", r.applied_at as "appliedAt",
  r.retired_reason as "retiredReason", r.retired_detail as "retiredDetail", r.retired_at as "retiredAt", s.subject, s.customer_name as "customerName"`;
const withStory = sql`console.reviews r left join console.stories s
  on s.tenant = r.tenant and s.generation = r.generation and s.ticket_id = r.ticket_id`;

export interface ReviewFilter {
  readonly status: string | undefined;
  readonly ownerId: string | undefined;
  readonly ticketId: string | undefined;
  readonly after: { readonly dueBy: string; readonly id: string } | undefined;
  readonly limit: number;
}

/** What is due first comes first. */
export const listReviews = (
  read: Read,
  tenant: string,
  { after, limit, ownerId, status, ticketId }: ReviewFilter,
): Promise<readonly ReviewRow[]> =>
  read.query<ReviewRow>(
    sql`select ${columns} from ${withStory}
        where r.tenant = ${tenant} and r.generation = ${activeGeneration()} and r.review_id is not null
          and (${status ?? null}::text is null or r.status = ${status ?? null}::text)
          and (${ownerId ?? null}::text is null or r.owner_id = ${ownerId ?? null}::text)
          and (${ticketId ?? null}::text is null or r.ticket_id = ${ticketId ?? null}::text or r.reference = ${ticketId ?? null}::text)
          and (r.due_by, r.review_id) > (${after?.dueBy ?? "-infinity"}::timestamptz, ${after?.id ?? ""}::text)
        order by r.due_by, r.review_id limit ${limit}::bigint`,
  );

/** One review, with the event that asked for it as JSON. */
export async function reviewById(
  read: Read,
  tenant: string,
  id: string,
): Promise<(ReviewRow & { readonly body: string }) | undefined> {
  const rows = await read.query<ReviewRow & { readonly body: string }>(
    sql`select ${columns}, e.body from ${withStory}
        join console.events e on e.tenant = r.tenant and e.generation = r.generation and e.ticket_id = r.ticket_id and e.event_id = r.required_event_id
        where r.tenant = ${tenant} and r.generation = ${activeGeneration()} and r.review_id = ${id} limit 1`,
  );
  return rows[0];
}
