import { type Read, type Sql, sql } from "@opsdesk/database";
import { lastBy } from "@opsdesk/messaging/handler";

interface OutcomeRow {
  readonly decision: string;
  readonly actor: { readonly id: string };
  readonly decidedAt: string;
  readonly openedAt: string | null;
  readonly openedEvidence: readonly string[];
}

interface ReviewRow {
  readonly tenant: string;
  readonly reviewId: string;
  readonly status: string;
  readonly version: number;
  readonly linkUsed: boolean;
  readonly outcome: OutcomeRow | null;
}

interface NewReviewRow extends ReviewRow {
  readonly draftId: string;
  readonly ticketId: string;
  readonly reference: string;
  readonly aggregateVersion: number;
  readonly conversationVersion: number;
  readonly categoryId: string | null;
  readonly ownerId: string;
  readonly dueBy: string;
  readonly linkExpiresAt: string;
  readonly createdAt: string;
  readonly fingerprint: string;
  readonly draft: unknown;
}

const columns = sql`r.tenant, r.review_id as "reviewId", r.draft_id as "draftId", r.ticket_id as "ticketId", r.reference,
  r.aggregate_version as "aggregateVersion", r.conversation_version as "conversationVersion", r.category_id as "categoryId",
  r.owner_id as "ownerId", r.status, r.version, r.fingerprint, r.draft, r.link_used as "linkUsed", r.outcome`;

interface Named {
  readonly tenant: string;
  readonly id: string;
}

/** The reviews with these ids. `Row` is what the caller's decisions call a review; its columns are the ones above. */
export const reviewsById = <Row>(read: Read, ids: readonly Named[]): Promise<readonly Row[]> =>
  read.query<Row>(
    sql`select ${columns} from safety_gate.draft_reviews r
        join unnest(${ids.map(({ tenant }) => tenant)}::text[], ${ids.map(({ id }) => id)}::text[]) u(tenant, id)
          on r.tenant = u.tenant and r.review_id = u.id`,
  );

/** The reviews of these drafts. */
export const reviewsByDraft = <Row>(read: Read, ids: readonly Named[]): Promise<readonly Row[]> =>
  read.query<Row>(
    sql`select ${columns} from safety_gate.draft_reviews r
        join unnest(${ids.map(({ tenant }) => tenant)}::text[], ${ids.map(({ id }) => id)}::text[]) u(tenant, id)
          on r.tenant = u.tenant and r.draft_id = u.id`,
  );

export function insertReviews(rows: readonly NewReviewRow[]): Sql {
  const of = <Value>(pick: (row: NewReviewRow) => Value): readonly Value[] => rows.map(pick);
  return sql`insert into safety_gate.draft_reviews (tenant, review_id, draft_id, ticket_id, reference, aggregate_version, conversation_version,
      category_id, owner_id, due_by, link_expires_at, created_at, fingerprint, draft, status, version, link_used, opened_evidence)
    select u.tenant, u.review_id, u.draft_id, u.ticket_id, u.reference, u.aggregate_version, u.conversation_version,
      u.category_id, u.owner_id, u.due_by, u.link_expires_at, u.created_at, u.fingerprint, u.draft::jsonb, u.status, 1, false, '{}'
    from unnest(${of((r) => r.tenant)}::text[], ${of((r) => r.reviewId)}::text[], ${of((r) => r.draftId)}::text[], ${of((r) => r.ticketId)}::text[],
      ${of((r) => r.reference)}::text[], ${of((r) => r.aggregateVersion)}::bigint[], ${of((r) => r.conversationVersion)}::bigint[],
      ${of((r) => r.categoryId)}::text[], ${of((r) => r.ownerId)}::text[], ${of((r) => r.dueBy)}::timestamptz[],
      ${of((r) => r.linkExpiresAt)}::timestamptz[], ${of((r) => r.createdAt)}::timestamptz[], ${of((r) => r.fingerprint)}::text[],
      ${of((r) => (r.draft === null ? null : JSON.stringify(r.draft)))}::text[], ${of((r) => r.status)}::text[])
      u(tenant, review_id, draft_id, ticket_id, reference, aggregate_version, conversation_version, category_id, owner_id, due_by,
        link_expires_at, created_at, fingerprint, draft, status)`;
}

interface ReviewSave {
  readonly writes: readonly Sql[];
  readonly guards: readonly { readonly held: Sql; readonly count: number }[];
}

/** Changes reviews, each from exactly the version that was loaded: of two writers the second decides again. */
export function changeReviews(rows: readonly ReviewRow[]): ReviewSave {
  const key = (row: ReviewRow): string => `${row.tenant} ${row.reviewId}`;
  const last = lastBy(rows, key);
  const loaded = new Map<string, number>();
  for (const row of rows) loaded.set(key(row), Math.min(row.version - 1, loaded.get(key(row)) ?? row.version));
  const of = <Value>(pick: (row: ReviewRow) => Value): readonly Value[] => last.map(pick);
  const tenants = of((r) => r.tenant);
  const ids = of((r) => r.reviewId);
  return {
    writes: [
      sql`update safety_gate.draft_reviews r set status = u.status, version = u.version, link_used = u.link_used, outcome = u.outcome::jsonb,
            decision = u.decision, decided_by = u.decided_by, decided_at = u.decided_at, opened_at = u.opened_at,
            opened_evidence = array(select jsonb_array_elements_text(coalesce(u.outcome::jsonb->'openedEvidence', '[]')))
          from unnest(${tenants}::text[], ${ids}::text[], ${of((r) => r.status)}::text[], ${of((r) => r.version)}::bigint[],
            ${of((r) => r.linkUsed)}::boolean[], ${of((r) => (r.outcome === null ? null : JSON.stringify(r.outcome)))}::text[],
            ${of((r) => r.outcome?.decision ?? null)}::text[], ${of((r) => r.outcome?.actor.id ?? null)}::text[],
            ${of((r) => r.outcome?.decidedAt ?? null)}::timestamptz[], ${of((r) => r.outcome?.openedAt ?? null)}::timestamptz[])
            u(tenant, review_id, status, version, link_used, outcome, decision, decided_by, decided_at, opened_at)
          where r.tenant = u.tenant and r.review_id = u.review_id`,
    ],
    guards: [
      {
        held: sql`select 1 from safety_gate.draft_reviews r
                  join unnest(${tenants}::text[], ${ids}::text[], ${of((r) => loaded.get(key(r)) ?? r.version)}::bigint[]) g(tenant, review_id, version)
                    on r.tenant = g.tenant and r.review_id = g.review_id and r.version = g.version
                  for update of r`,
        count: last.length,
      },
    ],
  };
}
