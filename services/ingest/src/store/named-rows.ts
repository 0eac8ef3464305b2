import { type Read, sql } from "@opsdesk/database";
import type { FollowUpRow, Wanted } from "./rows.ts";

export interface QueuedReplyRow {
  readonly tenant: string;
  readonly messageId: string;
  readonly ticketId: string;
  readonly kind: string;
  readonly state: string | null;
  readonly sendAfter: string | null;
  readonly at: string;
}

/** The replies that commands want to take back. */
export async function repliesNamed(read: Read, wanted: readonly Wanted[]): Promise<readonly QueuedReplyRow[]> {
  if (wanted.length === 0) return [];
  const rows = await read.query<Omit<QueuedReplyRow, "sendAfter" | "at"> & { sendAfter: Date | null; at: Date }>(
    sql`select m.tenant, m.message_id as "messageId", m.ticket_id as "ticketId", m.kind, m.state, m.send_after as "sendAfter", m.at
        from unnest(${wanted.map((one) => one.tenant)}::text[], ${wanted.map((one) => one.id)}::text[]) w(tenant, message_id)
        cross join lateral (select * from ingest.ticket_messages k where k.tenant = w.tenant and k.message_id = w.message_id limit 1) m`,
  );
  return rows.map((row) => ({ ...row, sendAfter: row.sendAfter?.toISOString() ?? null, at: row.at.toISOString() }));
}

/** The follow-ups that commands complete. */
export async function followUpsNamed(read: Read, wanted: readonly Wanted[]): Promise<readonly FollowUpRow[]> {
  if (wanted.length === 0) return [];
  const rows = await read.query<
    Omit<FollowUpRow, "dueAt" | "at" | "doneAt"> & { dueAt: Date; at: Date; doneAt: Date | null }
  >(
    sql`select f.tenant, f.follow_up_id as "followUpId", f.ticket_id as "ticketId", f.title, f.owner_id as "ownerId", f.due_at as "dueAt", f.status, f.reason,
          f.at, f.done_at as "doneAt"
        from unnest(${wanted.map((one) => one.tenant)}::text[], ${wanted.map((one) => one.id)}::text[]) w(tenant, follow_up_id)
        cross join lateral (select * from ingest.follow_up_tasks k where k.tenant = w.tenant and k.follow_up_id = w.follow_up_id limit 1) f`,
  );
  return rows.map((row) => ({
    ...row,
    dueAt: row.dueAt.toISOString(),
    at: row.at.toISOString(),
    doneAt: row.doneAt?.toISOString() ?? null,
  }));
}
