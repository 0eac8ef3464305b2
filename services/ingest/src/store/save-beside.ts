import { type Sql, sql } from "@opsdesk/database";
import type { ContactRow, DocumentRow, DraftRow, FollowUpRow } from "./rows.ts";

/** A draft that is known changes only its state. */
export const upsertDrafts = (rows: readonly DraftRow[]): Sql =>
  sql`insert into ingest.ticket_drafts (tenant, draft_id, ticket_id, conversation_version, outcome, state, retired_reason, template_id, sentences, cites,
        proposed_at, settled_at)
      select u.tenant, u.draft_id, u.ticket_id, u.conversation_version, u.outcome, u.state, u.retired_reason, u.template_id, u.sentences::jsonb, u.cites::jsonb,
        u.proposed_at, u.settled_at
      from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.draftId)}::text[], ${rows.map((row) => row.ticketId)}::text[],
        ${rows.map((row) => row.conversationVersion)}::bigint[], ${rows.map((row) => row.outcome)}::text[], ${rows.map((row) => row.state)}::text[],
        ${rows.map((row) => row.retiredReason)}::text[], ${rows.map((row) => row.templateId)}::text[], ${rows.map((row) => JSON.stringify(row.sentences))}::text[],
        ${rows.map((row) => JSON.stringify(row.cites))}::text[], ${rows.map((row) => row.proposedAt)}::timestamptz[], ${rows.map((row) => row.settledAt)}::timestamptz[])
        u(tenant, draft_id, ticket_id, conversation_version, outcome, state, retired_reason, template_id, sentences, cites, proposed_at, settled_at)
      on conflict (tenant, draft_id) do update set state = excluded.state, retired_reason = excluded.retired_reason, settled_at = excluded.settled_at`;

export const insertDocuments = (rows: readonly DocumentRow[]): Sql =>
  sql`insert into ingest.ticket_documents (tenant, document_id, ticket_id, message_id, name, blob_ref, sha256, bytes, content_type, at)
      select * from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.documentId)}::text[], ${rows.map((row) => row.ticketId)}::text[],
        ${rows.map((row) => row.messageId)}::text[], ${rows.map((row) => row.name)}::text[], ${rows.map((row) => row.blobRef)}::text[],
        ${rows.map((row) => row.sha256)}::text[], ${rows.map((row) => row.bytes)}::bigint[], ${rows.map((row) => row.contentType)}::text[],
        ${rows.map((row) => row.at)}::timestamptz[])`;

export const upsertFollowUps = (rows: readonly FollowUpRow[]): Sql =>
  sql`insert into ingest.follow_up_tasks (tenant, follow_up_id, ticket_id, title, owner_id, due_at, status, reason, at, done_at)
      select * from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.followUpId)}::text[], ${rows.map((row) => row.ticketId)}::text[],
        ${rows.map((row) => row.title)}::text[], ${rows.map((row) => row.ownerId)}::text[], ${rows.map((row) => row.dueAt)}::timestamptz[],
        ${rows.map((row) => row.status)}::text[], ${rows.map((row) => row.reason)}::text[], ${rows.map((row) => row.at)}::timestamptz[],
        ${rows.map((row) => row.doneAt)}::timestamptz[])
      on conflict (tenant, follow_up_id) do update set status = excluded.status, done_at = excluded.done_at
      -- A suggestion that comes again never reopens what a person has settled.
      where excluded.status <> 'suggested'`;

export const insertContacts = (rows: readonly ContactRow[]): Sql =>
  sql`insert into ingest.contacts (tenant, contact_id, ticket_id, channel, reached, said, actor, at)
      select u.tenant, u.contact_id, u.ticket_id, u.channel, u.reached, u.said, u.actor::jsonb, u.at
      from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.contactId)}::text[], ${rows.map((row) => row.ticketId)}::text[],
        ${rows.map((row) => row.channel)}::text[], ${rows.map((row) => row.reached)}::bool[], ${rows.map((row) => row.said)}::text[],
        ${rows.map((row) => JSON.stringify(row.actor))}::text[], ${rows.map((row) => row.at)}::timestamptz[]) u(tenant, contact_id, ticket_id, channel, reached, said, actor, at)`;
