import { type Read, type Sql, sql } from "@opsdesk/database";

export interface BreachRow {
  readonly tenant: string;
  readonly ticketId: string;
  readonly reference: string;
  readonly correlationId: string;
  readonly aggregateVersion: number;
  readonly conversationVersion: number;
  readonly responseDueAt: string;
}

/** Few at a time: after an outage everything may be late at once, and the next turn comes soon. */
const BATCH_MAX = 200;

// Evaluation has no deadlines, so shadow tenants are left out.
const late = (
  now: string,
): Sql => sql`t.responded_at is null and t.breach_told_at is null and t.status in ('open', 'pending', 'snoozed')
  and t.response_due_at <= ${now}::timestamptz and t.tenant not like '%~eval'`;

/** Marks tickets whose first answer is late, and answers those that nobody has been told of. */
export async function markBreaches(database: Read, now: string): Promise<readonly BreachRow[]> {
  await database.query(sql`
    update ingest.tickets t set breach_version = t.aggregate_version + 1, aggregate_version = t.aggregate_version + 1, row_version = t.row_version + 1
    from (select t.tenant, t.ticket_id from ingest.tickets t where ${late(now)} and t.breach_version is null
      order by t.response_due_at limit ${BATCH_MAX} for update skip locked) due
    where t.tenant = due.tenant and t.ticket_id = due.ticket_id`);
  const rows = await database.query<Omit<BreachRow, "responseDueAt"> & { due: Date }>(sql`
    select t.tenant, t.ticket_id as "ticketId", t.reference, t.correlation_id as "correlationId", t.breach_version as "aggregateVersion",
      t.conversation_version as "conversationVersion", t.response_due_at as due
    from ingest.tickets t where ${late(now)} and t.breach_version is not null order by t.response_due_at limit ${BATCH_MAX}`);
  return rows.map(({ due, ...row }) => ({ ...row, responseDueAt: due.toISOString() }));
}

/** What was told stays told, unless the ticket has got another deadline meanwhile. */
export async function rememberTold(database: Read, rows: readonly BreachRow[], now: string): Promise<void> {
  await database.query(sql`
    update ingest.tickets t set breach_told_at = ${now}::timestamptz
    from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.ticketId)}::text[], ${rows.map((row) => row.aggregateVersion)}::bigint[])
      u(tenant, ticket_id, breach_version)
    where t.tenant = u.tenant and t.ticket_id = u.ticket_id and t.breach_version = u.breach_version`);
}
