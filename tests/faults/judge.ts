import { type Database, type Sql, identifier, sql } from "@opsdesk/database";
import type { Received } from "@opsdesk/opsdesk/receiver";

export interface Sent {
  readonly tickets: number;
  readonly customerMessages: number;
  readonly received: readonly Received[];
  readonly slices: readonly string[];
  /** A broker may take an event twice; a log that is part of the transaction may not. */
  readonly publishedOnce: boolean;
  /** Dead letters of these codes are what the run itself has planted. */
  readonly parkedCodes?: readonly string[];
}

export interface Judgement {
  /** What does not hold, in words; empty when everything does. */
  readonly violations: readonly string[];
  readonly events: number;
  readonly deliveries: number;
  readonly webhooks: number;
}

/** One such record in every topic is among the faults. */
export const UNREADABLE = "record_undecodable";

export const SLICES = ["ingest", "triage", "retrieval", "safety_gate", "webhook", "evaluation", "console"] as const;
/** Where OpenSearch is, there is one more. */
export const STACK_SLICES = [...SLICES, "analytics"] as const;

/** How many, as `n`; the queue library's own are left out. */
const unfinishedJobs = (slice: string): Sql =>
  sql`select count(*)::int as n from ${identifier(`${slice}_jobs`)}.job where state < 'completed' and name not like '\\_\\_%'`;

/** What is not due for the services and would still happen: here it may not wait for ever. */
export async function waiting(database: Database, slices: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  const [webhooks] = await database.query<{ n: number }>(
    sql`select count(*)::int as n from webhook.webhook_deliveries where state in ('due', 'waiting')`,
  );
  if (webhooks?.n !== 0) found.push(`${webhooks?.n} webhooks`);
  for (const slice of slices) {
    // One whose process was killed is left alone until its crash timer has run out.
    const [jobs] = await database.query<{ n: number }>(unfinishedJobs(slice));
    if (jobs?.n !== 0) found.push(`${jobs?.n} jobs of ${slice}`);
    if ((await database.query(sql`select from ${identifier(slice)}.deferred_events limit 1`)).length > 0)
      found.push(`what ${slice} has deferred`);
  }
  return found;
}

/**
 * Holds what all slices store, and the log, against what was sent. The log is the temporary table `ev` of this session:
 * topic, partition, offset, the event and what it says of itself, and whether it is the first of its id.
 */
export async function judge(database: Database, sent: Sent): Promise<Judgement> {
  const violations: string[] = [];
  const number = async (statement: Sql): Promise<number> =>
    (await database.query<{ n: number }>(statement))[0]?.n ?? -1;
  /** `examples` says of some what they are: the servers are gone when anybody reads the report. */
  const expect = async (what: string, expected: number, statement: Sql, examples?: Sql): Promise<void> => {
    const n = await number(statement);
    if (n === expected) return;
    const such = examples === undefined ? "" : `, such as ${JSON.stringify(await database.query(examples))}`;
    violations.push(`${what}: expected ${expected}, found ${n}${such}`);
  };
  const none = (what: string, statement: Sql, examples?: Sql): Promise<void> => expect(what, 0, statement, examples);

  await expect(
    "tickets stored",
    sent.tickets,
    sql`select count(*) as n from ingest.tickets where tenant = 'it-helpdesk'`,
  );
  await expect(
    "customers' messages stored",
    sent.customerMessages,
    sql`select count(*) as n from ingest.ticket_messages where tenant = 'it-helpdesk' and kind = 'customer'`,
  );
  await expect(
    "ticket.created published",
    sent.tickets,
    sql`select count(*) as n from ev where first and type = 'ticket.created'`,
  );
  if (sent.publishedOnce) await none("events published twice", sql`select count(*) - count(distinct id) as n from ev`);
  await none(
    "references given twice",
    sql`select count(*) - count(distinct reference) as n from ingest.tickets where tenant = 'it-helpdesk'`,
  );

  // Each version of a conversation that a customer's message made has one proposal, one verdict and one disposition.
  const conversations = sql`(select ticket_id, conversation_version from ingest.ticket_messages where tenant = 'it-helpdesk' and kind = 'customer')`;
  for (const type of ["ai.draft.proposed"])
    await none(
      `conversation versions without exactly one ${type}`,
      sql`select count(*) as n from ${conversations} c where (select count(*) from ev where first and ev.type = ${type} and ev.ticket = c.ticket_id and ev.conversation = c.conversation_version) <> 1`,
    );
  await none(
    "conversation versions without exactly one verdict",
    sql`select count(*) as n from ${conversations} c where (select count(*) from ev where first and ev.type in ('ai.draft.review_required', 'ai.draft.auto_approved')
        and ev.ticket = c.ticket_id and ev.conversation = c.conversation_version) <> 1`,
  );
  await none(
    "conversation versions without exactly one disposition",
    sql`select count(*) as n from ${conversations} c where (select count(*) from safety_gate.dispositions d where d.tenant = 'it-helpdesk'
        and d.ticket_id = c.ticket_id and d.conversation_version = c.conversation_version) <> 1`,
  );
  await expect(
    "dispositions",
    sent.customerMessages,
    sql`select count(*) as n from safety_gate.dispositions where tenant = 'it-helpdesk'`,
  );

  // The log holds a ticket's own events in the order of its versions.
  await none(
    "order inversions of a ticket",
    sql`select count(*) as n from (select aggregate, lag(aggregate) over (partition by topic, ticket order by "offset") as before from ev
        where first and type in ('ticket.created', 'ticket.message_added', 'ticket.changed', 'enquiry.accepted') and ticket is not null) o where before > aggregate`,
  );
  // What was told has been stored, and what was stored has been told: once, and in the same words each time.
  await none(
    "tickets whose newest version in the log is not their own",
    sql`select count(*) as n from ingest.tickets t where tenant = 'it-helpdesk'
        and aggregate_version is distinct from (select max(aggregate) from ev where ev.ticket = t.ticket_id)`,
  );
  await none(
    "versions of a ticket that two events tell of",
    sql`select count(*) as n from (select from ev where first and type in ('ticket.changed', 'ticket.message_added')
        group by type, ticket, aggregate having count(*) > 1) v`,
  );
  await none(
    "events of one id with different content",
    sql`select count(*) as n from (select from ev group by topic, id having count(distinct md5(e::text)) > 1) v`,
    sql`select topic, id, json_agg(e order by "offset") as events from ev
        group by topic, id having count(distinct md5(e::text)) > 1 limit 3`,
  );
  await none(
    "replies to one draft sent twice",
    sql`select count(*) - count(distinct draft_id) as n from ingest.ticket_messages where draft_id is not null`,
  );
  await none(
    "replies to a conversation that had moved on",
    sql`select count(*) as n from ingest.ticket_messages m join ingest.ticket_drafts d on d.tenant = m.tenant and d.draft_id = m.draft_id
        where m.kind = 'reply' and m.conversation_version <> d.conversation_version + 1`,
  );
  await none(
    "approved drafts that were neither released nor retired",
    sql`select count(*) as n from ev r join ingest.ticket_drafts d on d.tenant = r.tenant and d.draft_id = r.e->'data'->>'draftId'
        where r.type = 'ai.draft.reviewed' and r.e->'data'->>'decision' = 'approved' and d.state not in ('released', 'retired')`,
  );

  // Whatever a service consumes it has claimed, and its read model holds it once.
  await none(
    "events missing from the console",
    sql`select count(*) as n from ev where type in (select distinct type from console.events) and not exists (select from console.events c where c.tenant = ev.tenant and c.event_id = ev.id)`,
  );
  await none(
    "events twice in the console",
    sql`select count(*) - count(distinct (generation, tenant, event_id)) as n from console.events`,
  );
  for (const slice of sent.slices) {
    await none(
      `${slice}: dead letters that nobody asked for`,
      sql`select count(*) as n from ${identifier(slice)}.dead_letters where not (code = any(${sent.parkedCodes ?? []}::text[]))`,
    );
    await none(`${slice}: events still deferred`, sql`select count(*) as n from ${identifier(slice)}.deferred_events`);
    await none(`${slice}: jobs unfinished`, unfinishedJobs(slice));
  }

  // Every verdict reached the CRM, each lane in its order at first sight.
  const ids = new Set(sent.received.map((one) => one.id));
  const due = await database.query<{ delivery_id: string }>(
    sql`select delivery_id from webhook.webhook_deliveries where tenant = 'it-helpdesk' and state = 'delivered'`,
  );
  await none(
    "webhook deliveries that did not end",
    sql`select count(*) as n from webhook.webhook_deliveries where state <> 'delivered'`,
  );
  const missing = due.filter((row) => !ids.has(row.delivery_id)).length;
  if (missing > 0) violations.push(`webhooks marked as delivered that never arrived: ${missing}`);
  await none(
    "verdicts without a webhook",
    sql`select count(*) as n from ev where type in ('ai.draft.review_required', 'ai.draft.auto_approved') and not exists (select from webhook.webhook_deliveries d where d.event_id = ev.id)`,
  );
  violations.push(...disordered(sent.received));

  const events = await number(sql`select count(distinct id) as n from ev`);
  let deliveries = 0;
  for (const slice of sent.slices)
    deliveries += await number(
      sql`select count(*) as n from ${identifier(slice)}.inbox where tenant = 'it-helpdesk' and consumer not like '%.publish'`,
    );
  return { violations, events, deliveries, webhooks: ids.size };
}

/** Sequences of one ticket must rise when each delivery is looked at where it was first seen. */
function disordered(received: readonly Received[]): string[] {
  const seen = new Set<string>();
  const last = new Map<string, number>();
  let inversions = 0;
  for (const one of received) {
    if (seen.has(one.id)) continue;
    seen.add(one.id);
    // Our own webhook body: sequence and ticket are part of its contract.
    const { sequence, ticketId } = JSON.parse(one.body) as { sequence: number; ticketId: string | null };
    const lane = ticketId ?? "";
    if ((last.get(lane) ?? 0) > sequence) inversions += 1;
    last.set(lane, sequence);
  }
  return inversions === 0 ? [] : [`webhooks of one ticket out of order: ${inversions}`];
}
