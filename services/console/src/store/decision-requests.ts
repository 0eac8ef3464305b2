import { type Read, sql } from "@opsdesk/database";

export interface DecisionRequest {
  readonly decisionId: string;
  readonly reviewId: string;
  readonly ticketId: string;
  readonly decision: string;
  readonly actorId: string;
  readonly contentHash: string;
}

/** Keeps a request under its decision's id, or finds the one that was there before: answers the one that counts. */
export async function keepRequest(
  read: Read,
  tenant: string,
  request: DecisionRequest,
  decidedAt: string,
): Promise<{ readonly contentHash: string; readonly decidedAt: Date }> {
  const { actorId, contentHash, decision, decisionId, reviewId, ticketId } = request;
  // The update changes nothing: it makes `returning` answer the row that is there.
  const [row] = await read.query<{ contentHash: string; decidedAt: Date }>(
    sql`insert into console.decision_requests as d (tenant, decision_id, review_id, ticket_id, decision, actor_id, content_hash, decided_at)
        values (${tenant}, ${decisionId}, ${reviewId}, ${ticketId}, ${decision}, ${actorId}, ${contentHash}, ${decidedAt}::timestamptz)
        on conflict (tenant, decision_id) do update set decision = d.decision
        returning content_hash as "contentHash", decided_at as "decidedAt"`,
  );
  return row ?? { contentHash, decidedAt: new Date(decidedAt) };
}

export interface SubmittedRow {
  readonly decisionId: string;
  readonly decision: string;
  readonly actorId: string;
  readonly decidedAt: Date;
}

/** What has been asked for by HTTP about a review, newest first. */
export const requestsOf = (read: Read, tenant: string, reviewId: string): Promise<readonly SubmittedRow[]> =>
  read.query<SubmittedRow>(
    sql`select decision_id as "decisionId", decision, actor_id as "actorId", decided_at as "decidedAt" from console.decision_requests
        where tenant = ${tenant} and review_id = ${reviewId} order by decided_at desc limit 50`,
  );
