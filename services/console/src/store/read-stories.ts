import { type Read, type Sql, sql } from "@opsdesk/database";
import { activeGeneration } from "./generations.ts";

/** A ticket's row, with the newest of its drafts: what became of that one is the ticket's disposition. */
export interface StoryRow {
  readonly ticketId: string;
  readonly reference: string;
  readonly referenceNumber: number;
  readonly correlationId: string | null;
  readonly source: string | null;
  readonly externalId: string | null;
  readonly channel: string | null;
  readonly customerId: string | null;
  readonly customerName: string | null;
  readonly subject: string | null;
  readonly aggregateVersion: number;
  readonly conversationVersion: number;
  readonly status: string | null;
  readonly priority: string | null;
  readonly categoryId: string | null;
  readonly ownerId: string | null;
  readonly ownerName: string | null;
  readonly assigneeId: string | null;
  readonly responseDueAt: Date | null;
  readonly lastActivityAt: Date | null;
  readonly messages: number;
  readonly runs: number;
  readonly costMicros: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly latencyMicros: number;
  readonly deliveries: number;
  readonly deliveriesFailed: number;
  readonly openedAt: Date | null;
  readonly triagedAt: Date | null;
  readonly retrievedAt: Date | null;
  readonly proposedAt: Date | null;
  readonly gatedAt: Date | null;
  readonly notifiedAt: Date | null;
  readonly decidedAt: Date | null;
  readonly repliedAt: Date | null;
  readonly contactedAt: Date | null;
  readonly closedAt: Date | null;
  /** Null until a first draft is heard of. */
  readonly draft: {
    readonly outcome: string | null;
    readonly outcomeReason: string | null;
    readonly reviewId: string | null;
    readonly autoApprovedAt: string | null;
    readonly decision: string | null;
    readonly appliedAt: string | null;
    readonly retiredReason: string | null;
  } | null;
}

const columns = sql`s.ticket_id as "ticketId", s.reference, s.reference_number as "referenceNumber", s.correlation_id as "correlationId", s.source,
  s.external_id as "externalId", s.channel, s.customer_id as "customerId", s.customer_name as "customerName", s.subject,
  s.aggregate_version as "aggregateVersion", s.conversation_version as "conversationVersion", s.status, s.priority,
  s.category_id as "categoryId", s.owner_id as "ownerId", s.owner_name as "ownerName", s.assignee_id as "assigneeId",
  s.response_due_at as "responseDueAt", s.last_activity_at as "lastActivityAt", s.messages, s.runs, s.cost_micros as "costMicros",
  s.input_tokens as "inputTokens", s.output_tokens as "outputTokens", s.latency_micros as "latencyMicros", s.deliveries,
  s.deliveries_failed as "deliveriesFailed", s.opened_at as "openedAt", s.triaged_at as "triagedAt", s.retrieved_at as "retrievedAt",
  s.proposed_at as "proposedAt", s.gated_at as "gatedAt", s.notified_at as "notifiedAt", s.decided_at as "decidedAt",
  s.replied_at as "repliedAt", s.contacted_at as "contactedAt", s.closed_at as "closedAt", d.draft`;

const newestDraft = (): Sql => sql`left join lateral (
    select jsonb_build_object('outcome', r.outcome, 'outcomeReason', r.outcome_reason, 'reviewId', r.review_id, 'autoApprovedAt', r.auto_approved_at,
      'decision', r.decision, 'appliedAt', r.applied_at, 'retiredReason', r.retired_reason) as draft
    from console.reviews r where r.tenant = s.tenant and r.generation = s.generation and r.ticket_id = s.ticket_id
    order by r.conversation_version desc nulls last, (r.retired_at is null) desc, r.proposed_at desc nulls last, r.draft_id limit 1
  ) d on true`;

/** The ticket with this id, or with this reference of which `number` is the number. */
export async function storyOf(
  read: Read,
  tenant: string,
  ref: string,
  number: number | null,
): Promise<StoryRow | undefined> {
  const rows = await read.query<StoryRow>(
    sql`select ${columns} from console.stories s ${newestDraft()}
        where s.tenant = ${tenant} and s.generation = ${activeGeneration()} and s.reference is not null
          and (s.ticket_id = ${ref} or (s.reference_number = ${number}::bigint and s.reference = ${ref}))
        limit 1`,
  );
  return rows[0];
}

export interface StoryFilter {
  readonly status: string | undefined;
  /** Words in the subject or the customer's name, or the beginning of a reference. */
  readonly words: string | undefined;
  /** Tickets with a smaller number than this. */
  readonly before: number | undefined;
  readonly limit: number;
}

/** Newest tickets first. */
export async function listStories(read: Read, tenant: string, filter: StoryFilter): Promise<readonly StoryRow[]> {
  const words = filter.words?.replaceAll(/[\\%_]/g, (character) => `\\${character}`) ?? null;
  return await read.query<StoryRow>(
    sql`select ${columns} from console.stories s ${newestDraft()}
        where s.tenant = ${tenant} and s.generation = ${activeGeneration()} and s.reference is not null
          and s.reference_number < ${filter.before ?? Number.MAX_SAFE_INTEGER}::bigint
          and (${filter.status ?? null}::text is null or s.status = ${filter.status ?? null}::text)
          and (${words}::text is null or s.subject ilike '%' || ${words}::text || '%' or s.customer_name ilike '%' || ${words}::text || '%'
               or s.reference ilike ${words}::text || '%')
        order by s.reference_number desc limit ${filter.limit}::bigint`,
  );
}
