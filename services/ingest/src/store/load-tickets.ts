import { type Read, type Sql, sql } from "@opsdesk/database";
import type { DraftRow, TicketRow, Wanted } from "./rows.ts";

interface Loaded {
  readonly tickets: readonly TicketRow[];
  readonly drafts: readonly DraftRow[];
}

interface Row {
  readonly tenant: string;
  readonly ticket_id: string;
  readonly reference: string;
  readonly source: string;
  readonly external_id: string | null;
  readonly correlation_id: string;
  readonly channel: string;
  readonly customer_id: string;
  readonly customer_name: string;
  readonly customer_email: string | null;
  readonly customer_phone: string | null;
  readonly subject: string;
  readonly status: string;
  readonly priority: string;
  readonly priority_by: string;
  readonly category_id: string | null;
  readonly category_by: string;
  readonly assignee_id: string | null;
  readonly snoozed_until: Date | null;
  readonly merged_into: string | null;
  readonly response_due_at: Date;
  readonly responded_at: Date | null;
  readonly triaged_version: number;
  readonly last_message_id: string;
  readonly last_message_kind: string;
  readonly last_customer_automatic: boolean;
  readonly aggregate_version: number;
  readonly conversation_version: number;
  readonly row_version: number;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly drafts: readonly Omit<DraftRow, "tenant" | "ticketId">[];
}

const COLUMNS = sql`t.*, c.name as customer_name, c.email as customer_email, c.phone as customer_phone, coalesce((
    select jsonb_agg(jsonb_build_object('draftId', d.draft_id, 'conversationVersion', d.conversation_version, 'outcome', d.outcome, 'state', d.state,
      'retiredReason', d.retired_reason, 'templateId', d.template_id, 'sentences', d.sentences, 'cites', d.cites, 'proposedAt', d.proposed_at,
      'settledAt', d.settled_at) order by d.proposed_at, d.draft_id)
    from ingest.ticket_drafts d where d.tenant = t.tenant and d.ticket_id = t.ticket_id), '[]'::jsonb) as drafts`;

/** Tickets by id with all their drafts, and what they were merged into. One statement. */
export const loadTickets = (read: Read, wanted: readonly Wanted[]): Promise<Loaded> =>
  wanted.length === 0
    ? Promise.resolve({ tickets: [], drafts: [] })
    : load(
        read,
        sql`select distinct w.tenant, x.ticket_id
          from unnest(${wanted.map((one) => one.tenant)}::text[], ${wanted.map((one) => one.id)}::text[]) w(tenant, ticket_id)
          left join lateral (select m.merged_into from ingest.tickets m where m.tenant = w.tenant and m.ticket_id = w.ticket_id limit 1) m on true
          cross join lateral (values (w.ticket_id), (m.merged_into)) x(ticket_id)`,
      );

/** A tenant's tickets whose pending drafts quote one of these sources. One statement. */
export const loadTicketsCiting = (read: Read, sources: readonly Wanted[]): Promise<Loaded> =>
  load(
    read,
    sql`select distinct d.tenant, d.ticket_id from ingest.ticket_drafts d
      join unnest(${sources.map((one) => one.tenant)}::text[], ${sources.map((one) => one.id)}::text[]) s(tenant, source_id)
        on s.tenant = d.tenant and d.cites @> jsonb_build_array(jsonb_build_object('sourceId', s.source_id))
      where d.state = 'pending'`,
  );

/**
 * One look-up by key for each ticket. Written as `lateral … limit 1`, because a prepared statement keeps the plan that
 * it got when the tables were empty, and a plain join then reads all of a tenant's rows for every one that it wants.
 */
async function load(read: Read, names: Sql): Promise<Loaded> {
  const rows = await read.query<Row>(sql`select ${COLUMNS} from (${names}) w(tenant, ticket_id)
    cross join lateral (select * from ingest.tickets k where k.tenant = w.tenant and k.ticket_id = w.ticket_id limit 1) t
    cross join lateral (select * from ingest.customers k where k.tenant = t.tenant and k.customer_id = t.customer_id limit 1) c`);
  return { tickets: rows.map(toTicket), drafts: rows.flatMap(toDrafts) };
}

const time = (value: Date | null): string | null => value?.toISOString() ?? null;

const toTicket = (row: Row): TicketRow => ({
  tenant: row.tenant,
  ticketId: row.ticket_id,
  reference: row.reference,
  source: row.source,
  externalId: row.external_id,
  correlationId: row.correlation_id,
  channel: row.channel,
  customer: {
    id: row.customer_id,
    name: row.customer_name,
    ...(row.customer_email === null ? {} : { email: row.customer_email }),
    ...(row.customer_phone === null ? {} : { phone: row.customer_phone }),
  },
  subject: row.subject,
  status: row.status,
  priority: row.priority,
  priorityBy: row.priority_by,
  categoryId: row.category_id,
  categoryBy: row.category_by,
  assigneeId: row.assignee_id,
  snoozedUntil: time(row.snoozed_until),
  mergedInto: row.merged_into,
  responseDueAt: row.response_due_at.toISOString(),
  respondedAt: time(row.responded_at),
  triagedVersion: row.triaged_version,
  lastMessageId: row.last_message_id,
  lastMessageKind: row.last_message_kind,
  lastCustomerAutomatic: row.last_customer_automatic,
  aggregateVersion: row.aggregate_version,
  conversationVersion: row.conversation_version,
  loadedVersion: row.row_version,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});

const toDrafts = (row: Row): readonly DraftRow[] =>
  row.drafts.map((draft) => ({ ...draft, tenant: row.tenant, ticketId: row.ticket_id }));
