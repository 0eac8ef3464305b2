import { type Read, type Sql, sql } from "@opsdesk/database";

export interface KnownMessageRow {
  readonly tenant: string;
  readonly messageId: string;
  readonly ticketId: string;
  readonly reference: string;
  readonly correlationId: string;
  readonly submissionHash: string | null;
  readonly source: string | null;
  readonly externalId: string | null;
  readonly channelMessageId: string | null;
}

/** Messages by id, and those that references name: by external id within a source, by the Message-ID they left with, or by id. */
export async function knownMessages(
  read: Read,
  ids: readonly { tenant: string; messageId: string }[],
  references: readonly { tenant: string; source: string; reference: string }[],
): Promise<readonly KnownMessageRow[]> {
  const columns = sql`m.tenant, m.message_id as "messageId", m.ticket_id as "ticketId", t.reference, m.correlation_id as "correlationId",
    m.submission_hash as "submissionHash", m.source, m.external_id as "externalId", m.channel_message_id as "channelMessageId"`;
  // `lateral … limit 1` keeps it one look-up by key for each, whatever the tables held when the statement was prepared.
  const found = (which: Sql): Sql =>
    sql`cross join lateral (select * from ingest.ticket_messages k where k.tenant = w.tenant and ${which} limit 1) m
        cross join lateral (select k.reference from ingest.tickets k where k.tenant = m.tenant and k.ticket_id = m.ticket_id limit 1) t`;
  const byId = sql`select ${columns}
    from unnest(${ids.map((one) => one.tenant)}::text[], ${ids.map((one) => one.messageId)}::text[]) w(tenant, message_id)
    ${found(sql`k.message_id = w.message_id`)}`;
  // Most enquiries answer nothing: then the search for threads is not made.
  if (references.length === 0) return await read.query<KnownMessageRow>(byId);
  const wanted = sql`unnest(${references.map((one) => one.tenant)}::text[], ${references.map((one) => one.source)}::text[],
    ${references.map((one) => one.reference)}::text[]) w(tenant, source, name)`;
  return await read.query<KnownMessageRow>(sql`${byId}
    union select ${columns} from ${wanted} ${found(sql`k.source = w.source and k.external_id = w.name`)}
    union select ${columns} from ${wanted} ${found(sql`k.channel_message_id = w.name`)}
    union select ${columns} from ${wanted} ${found(sql`k.message_id = w.name`)}`);
}

/** What a submission became: by the id of its event (a repeated request), or by its sender's own id. */
export async function submissionBy(
  read: Read,
  tenant: string,
  by: { readonly eventId: string } | { readonly source: string; readonly externalId: string },
): Promise<KnownMessageRow | undefined> {
  const which =
    "eventId" in by
      ? sql`m.submission_id = ${by.eventId}`
      : sql`m.source = ${by.source} and m.external_id = ${by.externalId}`;
  const [row] =
    await read.query<KnownMessageRow>(sql`select m.tenant, m.message_id as "messageId", m.ticket_id as "ticketId", t.reference,
      m.correlation_id as "correlationId", m.submission_hash as "submissionHash", m.source, m.external_id as "externalId",
      m.channel_message_id as "channelMessageId"
    from ingest.ticket_messages m join ingest.tickets t on t.tenant = m.tenant and t.ticket_id = m.ticket_id
    where m.tenant = ${tenant} and ${which} limit 1`);
  return row;
}
