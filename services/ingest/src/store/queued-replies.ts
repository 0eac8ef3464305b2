import { type Read, type Sql, sql } from "@opsdesk/database";
import type { Save } from "@opsdesk/messaging";
import type { Channel, Customer } from "@opsdesk/schemas/common";
import type { Wanted } from "./rows.ts";

export interface QueuedReplyRow {
  readonly tenant: string;
  readonly messageId: string;
  readonly ticketId: string;
  readonly reference: string;
  readonly aggregateVersion: number;
  readonly conversationVersion: number;
  readonly channel: Channel;
  readonly customer: Customer;
  readonly subject: string;
  readonly text: string;
  readonly state: "queued" | "sent" | "failed" | "undone";
  readonly origin: "auto" | "reviewed" | "person";
  readonly draftId: string | null;
  readonly channelMessageId: string;
  readonly queuedAt: string;
  readonly sendAfter: string;
  readonly answers: readonly string[];
  readonly answersAutomatic: boolean;
  readonly machineRepliesLastHour: number;
}

export interface SettledReplyRow {
  readonly tenant: string;
  readonly messageId: string;
  /** Queued: it can no longer be taken back, and `at` is what says so in place of the time until when it could. */
  readonly state: "sent" | "failed" | "queued";
  readonly at: string;
}

/** Replies with all that sending them needs to know. One statement. */
export async function queuedReplies(read: Read, wanted: readonly Wanted[]): Promise<readonly QueuedReplyRow[]> {
  const rows = await read.query<
    Omit<QueuedReplyRow, "customer" | "queuedAt" | "sendAfter"> & {
      customerId: string;
      name: string;
      email: string | null;
      phone: string | null;
      queuedAt: Date;
      sendAfter: Date;
    }
  >(
    sql`select m.tenant, m.message_id as "messageId", m.ticket_id as "ticketId", t.reference, t.aggregate_version as "aggregateVersion",
          t.conversation_version as "conversationVersion", t.channel, t.customer_id as "customerId", c.name, c.email, c.phone, t.subject,
          m.source_text as text, m.state, m.origin, m.draft_id as "draftId", m.channel_message_id as "channelMessageId", m.at as "queuedAt", m.send_after as "sendAfter",
          coalesce((select jsonb_agg(x.external_id order by x.at) from (
            select a.external_id, a.at from ingest.ticket_messages a
            where a.tenant = m.tenant and a.ticket_id = m.ticket_id and a.kind = 'customer' and a.external_id like '<%>'
            order by a.at desc limit 20) x), '[]'::jsonb) as answers,
          coalesce((select a.automatic from ingest.ticket_messages a
            where a.tenant = m.tenant and a.ticket_id = m.ticket_id and a.kind = 'customer' and a.conversation_version < m.conversation_version
            order by a.conversation_version desc limit 1), false) as "answersAutomatic",
          (select count(*) from ingest.tickets o cross join lateral (
              select 1 from ingest.ticket_messages s where s.tenant = o.tenant and s.ticket_id = o.ticket_id and s.state = 'sent'
                and s.origin <> 'person' and s.sent_at > now() - interval '1 hour' offset 0) s
            where o.tenant = t.tenant and o.customer_id = t.customer_id) as "machineRepliesLastHour"
        from unnest(${wanted.map((one) => one.tenant)}::text[], ${wanted.map((one) => one.id)}::text[]) w(tenant, message_id)
        cross join lateral (select * from ingest.ticket_messages k where k.tenant = w.tenant and k.message_id = w.message_id limit 1) m
        cross join lateral (select * from ingest.tickets k where k.tenant = m.tenant and k.ticket_id = m.ticket_id limit 1) t
        cross join lateral (select * from ingest.customers k where k.tenant = t.tenant and k.customer_id = t.customer_id limit 1) c
        where m.kind = 'reply'`,
  );
  return rows.map(({ customerId, name, email, phone, queuedAt, sendAfter, ...row }) => ({
    ...row,
    queuedAt: queuedAt.toISOString(),
    sendAfter: sendAfter.toISOString(),
    customer: { id: customerId, name, ...(email === null ? {} : { email }), ...(phone === null ? {} : { phone }) },
  }));
}

/** What became of replies: written only while they still wait, so that an undo and a send never both hold. */
export const settleReplies = (rows: readonly SettledReplyRow[]): Save => ({
  writes: [update(rows)],
  guards: [
    {
      held: sql`select 1
        from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.messageId)}::text[]) g(tenant, message_id)
        cross join lateral (select 1 from ingest.ticket_messages m
          where m.tenant = g.tenant and m.message_id = g.message_id and m.state = 'queued' for update) held`,
      count: rows.length,
    },
  ],
});

const update = (rows: readonly SettledReplyRow[]): Sql =>
  sql`update ingest.ticket_messages m set state = u.state, sent_at = case when u.state = 'sent' then u.at end,
        send_after = case when u.state = 'queued' then u.at else m.send_after end
      from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.messageId)}::text[], ${rows.map((row) => row.state)}::text[],
        ${rows.map((row) => row.at)}::timestamptz[]) u(tenant, message_id, state, at)
      where m.tenant = u.tenant and m.message_id = u.message_id`;
