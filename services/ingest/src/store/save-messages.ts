import { type Sql, sql } from "@opsdesk/database";
import type { MessageRow } from "./rows.ts";

/** The text is written once and never changed. */
export const insertMessages = (rows: readonly MessageRow[]): Sql =>
  sql`insert into ingest.ticket_messages (tenant, message_id, ticket_id, kind, author, source, external_id, submission_id, submission_hash, correlation_id,
        source_text, text_hash, full_text_ref, automatic, conversation_version, state, origin, draft_id, channel_message_id, send_after, at)
      select u.tenant, u.message_id, u.ticket_id, u.kind, u.author::jsonb, u.source, u.external_id, u.submission_id, u.submission_hash, u.correlation_id,
        u.source_text, u.text_hash, u.full_text_ref, u.automatic, u.conversation_version, u.state, u.origin, u.draft_id, u.channel_message_id, u.send_after, u.at
      from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.messageId)}::text[], ${rows.map((row) => row.ticketId)}::text[],
        ${rows.map((row) => row.kind)}::text[], ${rows.map((row) => JSON.stringify(row.author))}::text[], ${rows.map((row) => row.source)}::text[],
        ${rows.map((row) => row.externalId)}::text[], ${rows.map((row) => row.submissionId)}::text[], ${rows.map((row) => row.submissionHash)}::text[],
        ${rows.map((row) => row.correlationId)}::text[], ${rows.map((row) => row.sourceText)}::text[], ${rows.map((row) => row.textHash)}::text[],
        ${rows.map((row) => row.fullTextRef)}::text[], ${rows.map((row) => row.automatic)}::bool[], ${rows.map((row) => row.conversationVersion)}::bigint[],
        ${rows.map((row) => row.state)}::text[], ${rows.map((row) => row.origin)}::text[], ${rows.map((row) => row.draftId)}::text[],
        ${rows.map((row) => row.channelMessageId)}::text[], ${rows.map((row) => row.sendAfter)}::timestamptz[], ${rows.map((row) => row.at)}::timestamptz[])
        u(tenant, message_id, ticket_id, kind, author, source, external_id, submission_id, submission_hash, correlation_id,
          source_text, text_hash, full_text_ref, automatic, conversation_version, state, origin, draft_id, channel_message_id, send_after, at)`;

export const undoReplies = (rows: readonly { tenant: string; messageId: string }[]): Sql =>
  sql`update ingest.ticket_messages m set state = 'undone'
      from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.messageId)}::text[]) u(tenant, message_id)
      where m.tenant = u.tenant and m.message_id = u.message_id and m.state = 'queued'`;
