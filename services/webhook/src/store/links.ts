import { type Read, type Sql, sql } from "@opsdesk/database";
import { lastBy } from "@opsdesk/messaging/handler";

interface LinkRow {
  readonly tenant: string;
  readonly reviewId: string;
  readonly ticketId: string;
  readonly fingerprint: string;
  readonly tokenHash: string;
  readonly correlationId: string;
  readonly eventId: string;
  readonly expiresAt: string | null;
}

/** The newest link of a review; a decision made with an older one stays recorded with it. */
export function keepLinks(rows: readonly LinkRow[]): Sql {
  const last = lastBy(rows, (row) => `${row.tenant} ${row.reviewId}`);
  const of = <Value>(pick: (row: LinkRow) => Value): readonly Value[] => last.map(pick);
  return sql`insert into webhook.decision_links (tenant, review_id, ticket_id, fingerprint, token_hash, correlation_id, event_id, expires_at, decision_hash)
    select u.tenant, u.review_id, u.ticket_id, u.fingerprint, u.token_hash, u.correlation_id, u.event_id, u.expires_at, null
    from unnest(${of((r) => r.tenant)}::text[], ${of((r) => r.reviewId)}::text[], ${of((r) => r.ticketId)}::text[], ${of((r) => r.fingerprint)}::text[],
      ${of((r) => r.tokenHash)}::text[], ${of((r) => r.correlationId)}::text[], ${of((r) => r.eventId)}::text[], ${of((r) => r.expiresAt)}::timestamptz[])
      u(tenant, review_id, ticket_id, fingerprint, token_hash, correlation_id, event_id, expires_at)
    on conflict (tenant, review_id) do update set fingerprint = excluded.fingerprint, token_hash = excluded.token_hash, expires_at = excluded.expires_at,
      event_id = excluded.event_id,
      decision_hash = case when webhook.decision_links.token_hash = excluded.token_hash then webhook.decision_links.decision_hash end`;
}

export interface KeptLink extends Omit<LinkRow, "expiresAt"> {
  readonly expiresAt: Date | null;
}

/** Links by their review. Review ids are unique; the tenant follows from them. */
export const linksOf = (read: Read, reviewId: string): Promise<readonly KeptLink[]> =>
  read.query<KeptLink>(
    sql`select tenant, review_id as "reviewId", ticket_id as "ticketId", fingerprint, token_hash as "tokenHash", correlation_id as "correlationId",
          event_id as "eventId", expires_at as "expiresAt"
        from webhook.decision_links where review_id = ${reviewId}`,
  );

/** Keeps the first decision made with a link, whoever asks at once, and answers which one that is. */
export async function firstDecision(
  read: Read,
  link: { tenant: string; reviewId: string; tokenHash: string },
  decisionHash: string,
): Promise<string | undefined> {
  const rows = await read.query<{ first: string }>(
    sql`update webhook.decision_links set decision_hash = coalesce(decision_hash, ${decisionHash})
        where tenant = ${link.tenant} and review_id = ${link.reviewId} and token_hash = ${link.tokenHash} returning decision_hash as first`,
  );
  return rows[0]?.first;
}
