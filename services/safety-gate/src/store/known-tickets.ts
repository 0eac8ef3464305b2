import { type Read, type Sql, sql } from "@opsdesk/database";

export interface TicketNews {
  readonly tenant: string;
  readonly ticketId: string;
  readonly reference: string;
  readonly conversationVersion: number;
  readonly aggregateVersion: number;
  /** Absent when the news says nothing about it. */
  readonly closed?: boolean | undefined;
}

interface TicketRow {
  readonly conversationVersion: number;
  readonly closed: boolean;
}

/** What has been heard of these tickets, by `<tenant> <ticket>`. */
export async function ticketsKnown(
  read: Read,
  wanted: readonly { tenant: string; ticketId: string }[],
): Promise<ReadonlyMap<string, TicketRow>> {
  const rows = await read.query<TicketRow & { tenant: string; ticketId: string }>(
    sql`select t.tenant, t.ticket_id as "ticketId", t.conversation_version as "conversationVersion", t.closed from safety_gate.known_tickets t
        join unnest(${wanted.map(({ tenant }) => tenant)}::text[], ${wanted.map(({ ticketId }) => ticketId)}::text[]) u(tenant, ticket_id)
          on t.tenant = u.tenant and t.ticket_id = u.ticket_id`,
  );
  return new Map(
    rows.map((row) => [
      `${row.tenant} ${row.ticketId}`,
      { conversationVersion: row.conversationVersion, closed: row.closed },
    ]),
  );
}

/** Events of one ticket come from several topics in any order, so only what is newer than what is known counts. */
export function rememberTickets(news: readonly TicketNews[]): Sql {
  const merged = new Map<string, TicketNews & { closedVersion: number }>();
  for (const item of news) {
    const key = `${item.tenant} ${item.ticketId}`;
    const known = merged.get(key);
    const says = item.closed !== undefined && item.aggregateVersion >= (known?.closedVersion ?? 0);
    merged.set(key, {
      ...item,
      conversationVersion: Math.max(item.conversationVersion, known?.conversationVersion ?? 0),
      closed: says ? item.closed : known?.closed,
      closedVersion: says ? item.aggregateVersion : (known?.closedVersion ?? 0),
    });
  }
  const rows = [...merged.values()];
  return sql`insert into safety_gate.known_tickets as t (tenant, ticket_id, reference, conversation_version, closed, closed_version)
    select u.tenant, u.ticket_id, u.reference, u.conversation_version, coalesce(u.closed, false), u.closed_version
    from unnest(${rows.map((r) => r.tenant)}::text[], ${rows.map((r) => r.ticketId)}::text[], ${rows.map((r) => r.reference)}::text[],
      ${rows.map((r) => r.conversationVersion)}::bigint[], ${rows.map((r) => r.closed ?? null)}::boolean[], ${rows.map((r) => r.closedVersion)}::bigint[])
      u(tenant, ticket_id, reference, conversation_version, closed, closed_version)
    on conflict (tenant, ticket_id) do update set
      conversation_version = greatest(t.conversation_version, excluded.conversation_version),
      closed = case when excluded.closed_version > t.closed_version then excluded.closed else t.closed end,
      closed_version = greatest(t.closed_version, excluded.closed_version)`;
}
