import { type Read, sql } from "@opsdesk/database";
import type { Channel } from "@opsdesk/schemas/common";

/** A ticket as people read it, with its whole conversation. Times are RFC 3339. */
export interface TicketView {
  readonly ticketId: string;
  readonly reference: string;
  readonly correlationId: string;
  readonly [field: string]: unknown;
}

/** By reference (`OD-1025`) or ticket id. One statement. */
export async function ticketView(read: Read, tenant: string, ref: string): Promise<TicketView | undefined> {
  const [row] = await read.query<{ view: TicketView }>(sql`
    select jsonb_build_object(
      'ticketId', t.ticket_id, 'reference', t.reference, 'source', t.source, 'externalId', t.external_id, 'correlationId', t.correlation_id,
      'channel', t.channel, 'subject', t.subject, 'status', t.status, 'priority', t.priority, 'categoryId', t.category_id, 'assigneeId', t.assignee_id,
      'snoozedUntil', t.snoozed_until, 'mergedInto', t.merged_into, 'responseDueAt', t.response_due_at, 'respondedAt', t.responded_at,
      'aggregateVersion', t.aggregate_version, 'conversationVersion', t.conversation_version, 'createdAt', t.created_at, 'updatedAt', t.updated_at,
      'customer', jsonb_strip_nulls(jsonb_build_object('id', c.customer_id, 'name', c.name, 'email', c.email, 'phone', c.phone)),
      'messages', coalesce((select jsonb_agg(jsonb_build_object('messageId', m.message_id, 'kind', m.kind, 'author', m.author, 'text', m.source_text,
          'automatic', m.automatic, 'conversationVersion', m.conversation_version, 'state', m.state, 'origin', m.origin, 'draftId', m.draft_id,
          'externalId', m.external_id, 'sentAt', m.sent_at, 'at', m.at) order by m.at, m.conversation_version, m.message_id)
        from ingest.ticket_messages m where m.tenant = t.tenant and m.ticket_id = t.ticket_id), '[]'::jsonb),
      'documents', coalesce((select jsonb_agg(jsonb_build_object('documentId', d.document_id, 'messageId', d.message_id, 'name', d.name, 'bytes', d.bytes,
          'contentType', d.content_type, 'sha256', d.sha256) order by d.at, d.document_id)
        from ingest.ticket_documents d where d.tenant = t.tenant and d.ticket_id = t.ticket_id), '[]'::jsonb),
      'drafts', coalesce((select jsonb_agg(jsonb_build_object('draftId', d.draft_id, 'conversationVersion', d.conversation_version, 'outcome', d.outcome,
          'state', d.state, 'retiredReason', d.retired_reason, 'templateId', d.template_id, 'proposedAt', d.proposed_at) order by d.proposed_at, d.draft_id)
        from ingest.ticket_drafts d where d.tenant = t.tenant and d.ticket_id = t.ticket_id), '[]'::jsonb),
      'followUps', coalesce((select jsonb_agg(jsonb_build_object('followUpId', f.follow_up_id, 'title', f.title, 'ownerId', f.owner_id, 'dueAt', f.due_at,
          'status', f.status) order by f.due_at, f.follow_up_id)
        from ingest.follow_up_tasks f where f.tenant = t.tenant and f.ticket_id = t.ticket_id), '[]'::jsonb),
      'contacts', coalesce((select jsonb_agg(jsonb_build_object('contactId', x.contact_id, 'channel', x.channel, 'reached', x.reached, 'said', x.said,
          'actor', x.actor, 'at', x.at) order by x.at, x.contact_id)
        from ingest.contacts x where x.tenant = t.tenant and x.ticket_id = t.ticket_id), '[]'::jsonb)
    ) as view
    from ingest.tickets t join ingest.customers c on c.tenant = t.tenant and c.customer_id = t.customer_id
    where t.tenant = ${tenant} and (t.reference = ${ref} or t.ticket_id = ${ref})`);
  return row?.view;
}

export interface TicketName {
  readonly ticketId: string;
  readonly reference: string;
  readonly correlationId: string;
  readonly source: string;
  readonly channel: Channel;
  readonly firstMessageId: string;
  readonly customerName: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly aggregateVersion: number;
  readonly conversationVersion: number;
}

/** What a write to a ticket needs to know of it. */
export async function ticketNamed(read: Read, tenant: string, ref: string): Promise<TicketName | undefined> {
  const [row] =
    await read.query<TicketName>(sql`select t.ticket_id as "ticketId", t.reference, t.correlation_id as "correlationId", t.source, t.channel,
      (select m.message_id from ingest.ticket_messages m where m.tenant = t.tenant and m.ticket_id = t.ticket_id and m.kind = 'customer'
        order by m.conversation_version limit 1) as "firstMessageId", c.name as "customerName", c.email, c.phone, t.aggregate_version as "aggregateVersion",
      t.conversation_version as "conversationVersion"
    from ingest.tickets t join ingest.customers c on c.tenant = t.tenant and c.customer_id = t.customer_id
    where t.tenant = ${tenant} and (t.reference = ${ref} or t.ticket_id = ${ref})`);
  return row;
}
