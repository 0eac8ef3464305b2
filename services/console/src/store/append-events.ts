import { type Sql, sql } from "@opsdesk/database";

interface EventRow {
  readonly tenant: string;
  readonly ticketId: string | null;
  readonly eventId: string;
  readonly occurredAt: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly body: string;
}

/**
 * Keeps a batch's events, all of one type, in their order. An event comes here once in a generation: the runtime's
 * claim of it is part of the same statement, so no index on event ids is paid for.
 */
export function appendEvents(generation: number, type: string, rows: readonly EventRow[]): Sql {
  const of = <Value>(pick: (row: EventRow) => Value): readonly Value[] => rows.map(pick);
  return sql`insert into console.events (tenant, generation, ticket_id, event_id, type, occurred_at, correlation_id, causation_id, body)
    select u.tenant, ${generation}::integer, u.ticket_id, u.event_id, ${type}::text, u.occurred_at, u.correlation_id, u.causation_id, u.body
    from unnest(${of((r) => r.tenant)}::text[], ${of((r) => r.ticketId)}::text[], ${of((r) => r.eventId)}::text[],
      ${of((r) => r.occurredAt)}::timestamptz[], ${of((r) => r.correlationId)}::text[], ${of((r) => r.causationId)}::text[],
      ${of((r) => r.body)}::text[]) with ordinality u(tenant, ticket_id, event_id, occurred_at, correlation_id, causation_id, body, n)
    order by u.n`;
}

/**
 * Held to the end of the transaction by everyone who appends. Without it positions would be handed out in another
 * order than they become visible in, and a reader that goes on from the last one it saw would miss events for good.
 * Postgres reads a statement's guards before it runs the writes that nothing refers to.
 */
export const inTurn = (): Sql => sql`select 1 where pg_advisory_xact_lock(hashtext('console.events')) is not null`;
