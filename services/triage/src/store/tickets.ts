import { type Read, type Sql, sql } from "@opsdesk/database";
import { jsonb } from "./jsonb.ts";

export interface TicketKey {
  readonly tenant: string;
  readonly ticketId: string;
}

/** `Body` is the decisions' business: it is kept and given back whole. */
export interface TicketRow<Body> extends TicketKey {
  readonly revision: number;
  readonly conversationVersion: number;
  readonly closed: boolean;
  readonly body: Body;
}

export const ticketKey = ({ tenant, ticketId }: TicketKey): string => `${tenant}/${ticketId}`;

/** The tickets that are known, by key. */
export async function ticketsBy<Body>(read: Read, keys: readonly TicketKey[]): Promise<Map<string, TicketRow<Body>>> {
  const rows = await read.query<TicketRow<Body>>(
    sql`select t.tenant, t.ticket_id as "ticketId", t.revision, t.conversation_version as "conversationVersion", t.closed, t.body
        from (select distinct tenant, ticket_id from unnest(${keys.map((key) => key.tenant)}::text[], ${keys.map((key) => key.ticketId)}::text[]) u(tenant, ticket_id)) k
        join triage.tickets t using (tenant, ticket_id)`,
  );
  return new Map(rows.map((row) => [ticketKey(row), row]));
}

/** No `on conflict`: a ticket that somebody else has inserted meanwhile makes the batch decide again. */
export const insertTickets = (rows: readonly TicketRow<unknown>[]): Sql =>
  sql`insert into triage.tickets (tenant, ticket_id, revision, conversation_version, closed, body)
      select t, i, 1, v, c, b::jsonb from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.ticketId)}::text[],
        ${rows.map((row) => row.conversationVersion)}::int[], ${rows.map((row) => row.closed)}::boolean[],
        ${rows.map((row) => jsonb(row.body))}::text[]) u(t, i, v, c, b)`;

export const updateTickets = (rows: readonly TicketRow<unknown>[]): Sql =>
  sql`update triage.tickets t set revision = t.revision + 1, conversation_version = u.v, closed = u.c, body = u.b::jsonb
      from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.ticketId)}::text[],
        ${rows.map((row) => row.conversationVersion)}::int[], ${rows.map((row) => row.closed)}::boolean[],
        ${rows.map((row) => jsonb(row.body))}::text[]) u(tenant, ticket_id, v, c, b)
      where t.tenant = u.tenant and t.ticket_id = u.ticket_id`;

/** One row for each ticket that still is as it was loaded. */
export const ticketsUnchanged = (rows: readonly TicketRow<unknown>[]): Sql =>
  sql`select 1 from triage.tickets t
      join unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.ticketId)}::text[], ${rows.map((row) => row.revision)}::bigint[])
        g(tenant, ticket_id, revision) on t.tenant = g.tenant and t.ticket_id = g.ticket_id
      where t.revision = g.revision for update of t`;
