import { type Sql, sql } from "@opsdesk/database";
import { type Save, lastBy } from "@opsdesk/messaging";
import type { ChangedRows, TicketRow } from "./rows.ts";
import { insertContacts, insertDocuments, upsertDrafts, upsertFollowUps } from "./save-beside.ts";
import { insertMessages, undoReplies } from "./save-messages.ts";

/** All decisions of a batch: one write a row, conditional on the tickets being as they were loaded. */
export function saveTickets(batch: readonly ChangedRows[]): Save {
  const all = <Row>(pick: (rows: ChangedRows) => readonly Row[] | undefined): readonly Row[] =>
    batch.flatMap((rows) => pick(rows) ?? []);
  const key = ({ tenant }: { tenant: string }, id: string): string => `${tenant}\n${id}`;
  const tickets = lastBy(
    all((rows) => rows.tickets),
    (row) => key(row, row.ticketId),
  );
  const fresh = tickets.filter((row) => row.loadedVersion === null);
  const known = tickets.filter((row) => row.loadedVersion !== null);
  // A reply that is posted and taken back in one batch is written once, as taken back.
  const undone = new Map(all((rows) => rows.undone).map((row) => [key(row, row.messageId), row]));
  const messages = lastBy(
    all((rows) => rows.messages),
    (row) => key(row, row.messageId),
  ).map((row) => (undone.delete(key(row, row.messageId)) ? { ...row, state: "undone" } : row));
  const drafts = lastBy(
    all((rows) => rows.drafts),
    (row) => key(row, row.draftId),
  );
  const documents = lastBy(
    all((rows) => rows.documents),
    (row) => key(row, row.documentId),
  );
  const followUps = lastBy(
    all((rows) => rows.followUps),
    (row) => key(row, row.followUpId),
  );
  const contacts = lastBy(
    all((rows) => rows.contacts),
    (row) => key(row, row.contactId),
  );
  const counters = lastBy(
    all((rows) => (rows.counter === undefined ? [] : [rows.counter])),
    (row) => row.tenant,
  );
  const when = <Row>(rows: readonly Row[], write: (rows: readonly Row[]) => Sql): readonly Sql[] =>
    rows.length === 0 ? [] : [write(rows)];
  return {
    writes: [
      ...when(counters, advanceCounters),
      ...when(fresh, upsertCustomers),
      ...when(fresh, insertTickets),
      ...when(known, updateTickets),
      ...when(messages, insertMessages),
      ...when([...undone.values()], undoReplies),
      ...when(drafts, upsertDrafts),
      ...when(documents, insertDocuments),
      ...when(followUps, upsertFollowUps),
      ...when(contacts, insertContacts),
    ],
    guards: [
      ...(known.length === 0 ? [] : [{ held: heldTickets(known), count: known.length }]),
      // Taken back only while it still waits: the job that sends it writes the same columns, first of all that it leaves.
      ...(undone.size === 0 ? [] : [{ held: heldReplies([...undone.values()]), count: undone.size }]),
    ],
  };
}

const texts = <Row>(rows: readonly Row[], pick: (row: Row) => string | null): readonly (string | null)[] =>
  rows.map(pick);

// The lock stands inside the look-up, so that each is one by key (see load-tickets.ts).
const heldTickets = (rows: readonly TicketRow[]): Sql =>
  sql`select 1
      from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.ticketId)}::text[], ${rows.map((row) => row.loadedVersion)}::bigint[])
        g(tenant, ticket_id, row_version)
      cross join lateral (select 1 from ingest.tickets t
        where t.tenant = g.tenant and t.ticket_id = g.ticket_id and t.row_version = g.row_version for update) held`;

const heldReplies = (rows: readonly { tenant: string; messageId: string }[]): Sql =>
  sql`select 1
      from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.messageId)}::text[]) g(tenant, message_id)
      cross join lateral (select 1 from ingest.ticket_messages m
        where m.tenant = g.tenant and m.message_id = g.message_id and m.state = 'queued' and m.send_after > to_timestamp(0) for update) held`;

const advanceCounters = (rows: readonly { tenant: string; nextNumber: number }[]): Sql =>
  sql`update ingest.businesses b set next_number = greatest(b.next_number, u.next_number)
      from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.nextNumber)}::bigint[]) u(tenant, next_number)
      where b.tenant = u.tenant`;

/** What a customer is called and where they can be reached may change; who they are does not. */
function upsertCustomers(tickets: readonly TicketRow[]): Sql {
  const rows = lastBy(tickets, (row) => `${row.tenant}\n${row.customer.id}`);
  return sql`insert into ingest.customers (tenant, customer_id, name, email, phone, created_at)
      select * from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.customer.id)}::text[], ${rows.map((row) => row.customer.name)}::text[],
        ${texts(rows, (row) => row.customer.email?.toLowerCase() ?? null)}::text[], ${texts(rows, (row) => row.customer.phone ?? null)}::text[],
        ${rows.map((row) => row.createdAt)}::timestamptz[])
      on conflict (tenant, customer_id) do update set name = excluded.name, email = coalesce(excluded.email, customers.email),
        phone = coalesce(excluded.phone, customers.phone)
      where (customers.name, customers.email, customers.phone)
        is distinct from (excluded.name, coalesce(excluded.email, customers.email), coalesce(excluded.phone, customers.phone))`;
}

const insertTickets = (rows: readonly TicketRow[]): Sql =>
  sql`insert into ingest.tickets (tenant, ticket_id, reference, source, external_id, correlation_id, channel, customer_id, subject, status, priority,
        priority_by, category_id, category_by, assignee_id, snoozed_until, merged_into, response_due_at, responded_at, triaged_version, last_message_id,
        last_message_kind, last_customer_automatic, aggregate_version, conversation_version, created_at, updated_at, row_version)
      select u.*, 1 from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.ticketId)}::text[], ${rows.map((row) => row.reference)}::text[],
        ${rows.map((row) => row.source)}::text[], ${texts(rows, (row) => row.externalId)}::text[], ${rows.map((row) => row.correlationId)}::text[],
        ${rows.map((row) => row.channel)}::text[], ${rows.map((row) => row.customer.id)}::text[], ${rows.map((row) => row.subject)}::text[],
        ${rows.map((row) => row.status)}::text[], ${rows.map((row) => row.priority)}::text[], ${rows.map((row) => row.priorityBy)}::text[],
        ${texts(rows, (row) => row.categoryId)}::text[], ${rows.map((row) => row.categoryBy)}::text[], ${texts(rows, (row) => row.assigneeId)}::text[],
        ${texts(rows, (row) => row.snoozedUntil)}::timestamptz[], ${texts(rows, (row) => row.mergedInto)}::text[],
        ${rows.map((row) => row.responseDueAt)}::timestamptz[], ${texts(rows, (row) => row.respondedAt)}::timestamptz[],
        ${rows.map((row) => row.triagedVersion)}::bigint[], ${rows.map((row) => row.lastMessageId)}::text[], ${rows.map((row) => row.lastMessageKind)}::text[],
        ${rows.map((row) => row.lastCustomerAutomatic)}::bool[], ${rows.map((row) => row.aggregateVersion)}::bigint[],
        ${rows.map((row) => row.conversationVersion)}::bigint[], ${rows.map((row) => row.createdAt)}::timestamptz[], ${rows.map((row) => row.updatedAt)}::timestamptz[]) u`;

const updateTickets = (rows: readonly TicketRow[]): Sql =>
  sql`update ingest.tickets t set status = u.status, priority = u.priority, priority_by = u.priority_by, category_id = u.category_id,
        category_by = u.category_by, assignee_id = u.assignee_id, snoozed_until = u.snoozed_until, merged_into = u.merged_into,
        response_due_at = u.response_due_at, responded_at = u.responded_at, triaged_version = u.triaged_version, last_message_id = u.last_message_id,
        last_message_kind = u.last_message_kind, last_customer_automatic = u.last_customer_automatic, aggregate_version = u.aggregate_version,
        conversation_version = u.conversation_version, updated_at = u.updated_at, row_version = t.row_version + 1,
        -- Another deadline can be missed again.
        breach_version = case when t.response_due_at = u.response_due_at then t.breach_version end,
        breach_told_at = case when t.response_due_at = u.response_due_at then t.breach_told_at end
      from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.ticketId)}::text[], ${rows.map((row) => row.status)}::text[],
        ${rows.map((row) => row.priority)}::text[], ${rows.map((row) => row.priorityBy)}::text[], ${texts(rows, (row) => row.categoryId)}::text[],
        ${rows.map((row) => row.categoryBy)}::text[], ${texts(rows, (row) => row.assigneeId)}::text[], ${texts(rows, (row) => row.snoozedUntil)}::timestamptz[],
        ${texts(rows, (row) => row.mergedInto)}::text[], ${rows.map((row) => row.responseDueAt)}::timestamptz[],
        ${texts(rows, (row) => row.respondedAt)}::timestamptz[], ${rows.map((row) => row.triagedVersion)}::bigint[],
        ${rows.map((row) => row.lastMessageId)}::text[], ${rows.map((row) => row.lastMessageKind)}::text[],
        ${rows.map((row) => row.lastCustomerAutomatic)}::bool[], ${rows.map((row) => row.aggregateVersion)}::bigint[],
        ${rows.map((row) => row.conversationVersion)}::bigint[], ${rows.map((row) => row.updatedAt)}::timestamptz[])
        u(tenant, ticket_id, status, priority, priority_by, category_id, category_by, assignee_id, snoozed_until, merged_into, response_due_at, responded_at,
          triaged_version, last_message_id, last_message_kind, last_customer_automatic, aggregate_version, conversation_version, updated_at)
      where t.tenant = u.tenant and t.ticket_id = u.ticket_id`;
