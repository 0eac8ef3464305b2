import { type Read, type Sql, sql } from "@opsdesk/database";

interface DecisionRow {
  readonly tenant: string;
  readonly decisionId: string;
  readonly reviewId: string;
  readonly ticketId: string;
  readonly decision: string;
  readonly actorId: string;
  readonly via: string;
  readonly refusal: string | null;
  readonly contentHash: string;
  readonly recordedAt: string;
}

/** Content hashes of the decisions that were answered before, by `<tenant> <decision id>`. */
export async function decisionsTaken(
  read: Read,
  wanted: readonly { tenant: string; decisionId: string }[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await read.query<{ key: string; hash: string }>(
    sql`select d.tenant || ' ' || d.decision_id as key, d.content_hash as hash from safety_gate.review_decisions d
        join unnest(${wanted.map(({ tenant }) => tenant)}::text[], ${wanted.map(({ decisionId }) => decisionId)}::text[]) u(tenant, decision_id)
          on d.tenant = u.tenant and d.decision_id = u.decision_id`,
  );
  return new Map(rows.map(({ key, hash }) => [key, hash]));
}

/** Records decisions; the first record of an id stays. */
export function recordDecisions(rows: readonly DecisionRow[]): Sql {
  const first = [...new Map(rows.toReversed().map((row) => [`${row.tenant} ${row.decisionId}`, row])).values()];
  const of = <Value>(pick: (row: DecisionRow) => Value): readonly Value[] => first.map(pick);
  return sql`insert into safety_gate.review_decisions (tenant, decision_id, review_id, ticket_id, decision, actor_id, via, refusal, content_hash, recorded_at)
    select * from unnest(${of((r) => r.tenant)}::text[], ${of((r) => r.decisionId)}::text[], ${of((r) => r.reviewId)}::text[], ${of((r) => r.ticketId)}::text[],
      ${of((r) => r.decision)}::text[], ${of((r) => r.actorId)}::text[], ${of((r) => r.via)}::text[], ${of((r) => r.refusal)}::text[],
      ${of((r) => r.contentHash)}::text[], ${of((r) => r.recordedAt)}::timestamptz[])
    on conflict (tenant, decision_id) do nothing`;
}
