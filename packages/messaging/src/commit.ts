import {
  type Database,
  type Read,
  type Sql,
  type Transaction,
  identifier,
  join,
  sql,
  sqlState,
} from "@opsdesk/database";
import type { Jobs, JobToInsert } from "@opsdesk/jobs";
import type { AppendedRow, Bus, BusRecord, OutgoingRecord } from "./bus.ts";
import type { Guard } from "./handler.ts";
import type { RecentWakes } from "./recent-wakes.ts";

/** What makes an effect happen once: a row that only one writer can insert, delete or complete. */
export type Claim =
  | { readonly kind: "none" }
  | { readonly kind: "inbox"; readonly consumer: string; readonly rows: readonly InboxRow[] }
  | { readonly kind: "deferred"; readonly seqs: readonly number[] }
  | { readonly kind: "dead-letter"; readonly ids: readonly string[] }
  | { readonly kind: "jobs"; readonly queue: string; readonly ids: readonly string[] };

export interface InboxRow {
  readonly tenant: string;
  readonly source: string;
  readonly eventId: string;
  readonly outcome: string;
  readonly reason: string | null;
}

export interface DeferredRow {
  readonly consumer: string;
  readonly tenant: string;
  readonly source: string;
  readonly eventId: string;
  readonly key: string;
  readonly until: string;
  readonly reason: string;
  readonly retryAfterSeconds: number;
  readonly giveUpAfterSeconds: number;
  readonly record: BusRecord;
}

/** An event that goes on waiting, in its place. */
export interface Redeferred {
  readonly seq: number;
  readonly until: string;
  readonly reason: string;
  readonly retryAfterSeconds: number;
}

export interface DeadLetterRow {
  readonly id: string;
  readonly consumer: string;
  readonly tenant: string;
  readonly eventId: string | null;
  readonly eventType: string | null;
  readonly code: string;
  readonly message: string;
  readonly record: BusRecord;
}

export interface Publication {
  readonly causeId: string;
  readonly record: OutgoingRecord;
}

/** Everything that one batch changes: all of it, or nothing. */
export interface Work {
  readonly claim: Claim;
  /** Keys that nobody has looked up: the statement fails when an earlier event of one of them still waits. */
  readonly unblocked?: { readonly consumer: string; readonly keys: readonly string[]; readonly strict: boolean };
  readonly writes: readonly Sql[];
  readonly guards: readonly Guard[];
  readonly publications: readonly Publication[];
  readonly jobs: readonly JobToInsert[];
  readonly deferred: readonly DeferredRow[];
  readonly redeferred: readonly Redeferred[];
  readonly deadLetters: readonly DeadLetterRow[];
  readonly wakes: readonly string[];
}

/** What whoever writes little begins with. */
export const NOTHING: Work = {
  claim: { kind: "none" },
  writes: [],
  guards: [],
  publications: [],
  jobs: [],
  deferred: [],
  redeferred: [],
  deadLetters: [],
  wakes: [],
};

/** Another writer was first: load and decide again. `row` is one that was inserted since; its key is in `cause`. */
export class Conflict extends Error {
  readonly over: "claim" | "guard" | "row";
  constructor(over: "claim" | "guard" | "row", cause: unknown) {
    super(over === "claim" ? "already claimed" : "another writer was first", { cause });
    this.over = over;
  }
}

export interface CommitPorts {
  readonly schema: string;
  readonly database: Database;
  readonly bus: Bus;
  readonly jobs: Jobs;
  readonly woken: RecentWakes;
}

export interface Committed {
  /** Outbox rows that now await their publication; empty where publishing was part of the transaction. */
  readonly outboxSeqs: readonly number[];
}

/** Deletes what was published meanwhile in the same statement as the next batch's writes. */
export async function commit(ports: CommitPorts, work: Work, publishedSeqs: readonly number[]): Promise<Committed> {
  const statement = build(ports, work, publishedSeqs);
  const apply = async (read: Read): Promise<Row> => {
    const [row] = await read.query<Row>(statement);
    return row ?? { seqs: null, appended: null };
  };
  try {
    const row = await ports.woken.during(work.wakes, () =>
      needsTransaction(work)
        ? ports.database.transaction((tx) => inTransaction(ports, work, tx, apply))
        : apply(ports.database),
    );
    if (row.appended !== null)
      ports.bus.inTransaction?.committed(
        work.publications.map((one) => one.record),
        row.appended,
      );
    return { outboxSeqs: row.seqs ?? [] };
  } catch (error) {
    const state = sqlState(error);
    if (state === "OD001")
      throw new Conflict(error instanceof Error && error.message === "claim" ? "claim" : "guard", error);
    // A row that was absent when it was loaded has been inserted since.
    if (state === "23505") throw new Conflict("row", error);
    throw error;
  }
}

/**
 * What these keys' waits are for was committed while they were: that statement did not see them, nor they it. A process
 * that ends before this waits its retry time.
 */
export const wakeAgain = (ports: CommitPorts, keys: readonly string[]): Promise<unknown> =>
  ports.database.query(
    sql`update ${identifier(ports.schema)}.deferred_events set due_at = now() where until = any(${keys}::text[]) and due_at > now()`,
  );

interface Row {
  readonly seqs: readonly number[] | null;
  readonly appended: readonly AppendedRow[] | null;
}

const needsTransaction = (work: Work): boolean => work.jobs.length > 0 || work.claim.kind === "jobs";

async function inTransaction(
  ports: CommitPorts,
  work: Work,
  tx: Transaction,
  apply: (read: Read) => Promise<Row>,
): Promise<Row> {
  const { claim } = work;
  // None needs another's answer, so all are sent before the first has come.
  const [finished, row, inserted] = await Promise.allSettled([
    claim.kind === "jobs" ? ports.jobs.complete(tx, claim.queue, claim.ids) : undefined,
    apply(tx),
    work.jobs.length > 0 ? ports.jobs.insert(tx, work.jobs) : undefined,
  ]);
  const failures = [finished, row, inserted].flatMap((one) =>
    one.status === "rejected" ? [one.reason as unknown] : [],
  );
  // The others fail because of the first.
  if (failures.length > 0) throw failures.find((one) => sqlState(one) !== IN_FAILED_TRANSACTION) ?? failures[0];
  if (claim.kind === "jobs" && finished.status === "fulfilled" && finished.value !== claim.ids.length)
    throw new Conflict("claim", undefined);
  if (row.status === "rejected") throw row.reason;
  return row.value;
}

const IN_FAILED_TRANSACTION = "25P02";

/** One statement: the claim, every write, the outbox. Postgres runs each data-modifying CTE exactly once. */
function build(ports: CommitPorts, work: Work, publishedSeqs: readonly number[]): Sql {
  const schema = identifier(ports.schema);
  const ctes: Sql[] = [];
  const checks: Sql[] = [];
  const expect = (name: string, body: Sql, count: number, what: string): void => {
    ctes.push(sql`${identifier(name)} as (${body})`);
    checks.push(sql`${schema}.require((select count(*) from ${identifier(name)}) = ${count}::bigint, ${what})`);
  };

  const claim = claimOf(schema, work.claim, new Set(work.deadLetters.map((row) => row.id)));
  if (claim !== undefined) expect("claimed", claim.body, claim.count, "claim");
  if (work.unblocked !== undefined)
    checks.push(sql`${schema}.require(${isUnblocked(schema, work.unblocked)}, 'claim')`);
  work.guards.forEach((guard, index) => expect(`held_${index}`, guard.held, guard.count, "guard"));
  work.writes.forEach((write, index) => ctes.push(sql`${identifier(`write_${index}`)} as (${write})`));
  if (work.deferred.length > 0) ctes.push(sql`deferred as (${insertDeferred(schema, work.deferred)})`);
  if (work.redeferred.length > 0) ctes.push(sql`redeferred as (${updateDeferred(schema, work.redeferred)})`);
  if (work.deadLetters.length > 0) ctes.push(sql`dead as (${insertDeadLetters(schema, work.deadLetters)})`);
  if (work.wakes.length > 0) {
    // Not the rows that this statement deletes or moves: of two changes of one row, Postgres would drop one in silence.
    const touched = [
      ...(work.claim.kind === "deferred" ? work.claim.seqs : []),
      ...work.redeferred.map((row) => row.seq),
    ];
    ctes.push(
      sql`woken as (update ${schema}.deferred_events set due_at = now() where until = any(${work.wakes}::text[]) and seq <> all(${touched}::bigint[]))`,
    );
  }
  if (publishedSeqs.length > 0)
    ctes.push(sql`published as (delete from ${schema}.outbox where seq = any(${publishedSeqs}::bigint[]))`);

  let seqs = sql`null::bigint[] as seqs`;
  let appended = sql`null::json as appended`;
  if (work.publications.length > 0) {
    const records = work.publications.map((one) => one.record);
    if (ports.bus.inTransaction === undefined) {
      ctes.push(sql`out as (${insertOutbox(schema, work.publications)} returning seq)`);
      seqs = sql`(select array_agg(seq order by seq) from out) as seqs`;
    } else {
      ctes.push(sql`appended as (${ports.bus.inTransaction.append(records)})`);
      appended = sql`(select json_agg(a) from appended a) as appended`;
    }
  }
  return sql`${ctes.length === 0 ? sql`` : sql`with ${join(ctes, ",\n")}`} select ${join([...checks, seqs, appended], ", ")}`;
}

const isUnblocked = (schema: Sql, { consumer, keys, strict }: NonNullable<Work["unblocked"]>): Sql =>
  sql`not exists (select from ${schema}.deferred_events where consumer = ${consumer} and key = any(${keys}::text[]))
      and not (${strict}::boolean and exists (select from ${schema}.dead_letters where status = 'open' and consumer = ${consumer} and key = any(${keys}::text[])))`;

function claimOf(
  schema: Sql,
  claim: Claim,
  parkedAgain: ReadonlySet<string>,
): { body: Sql; count: number } | undefined {
  switch (claim.kind) {
    case "none":
    case "jobs":
      return undefined;
    case "inbox":
      return {
        count: claim.rows.length,
        body: sql`insert into ${schema}.inbox (consumer, tenant, source, event_id, outcome, reason)
          select ${claim.consumer}, u.* from unnest(${claim.rows.map((row) => row.tenant)}::text[], ${claim.rows.map((row) => row.source)}::text[],
            ${claim.rows.map((row) => row.eventId)}::text[], ${claim.rows.map((row) => row.outcome)}::text[], ${claim.rows.map((row) => row.reason)}::text[]) u
          on conflict do nothing returning 1`,
      };
    case "deferred":
      return {
        count: claim.seqs.length,
        body: sql`delete from ${schema}.deferred_events where seq = any(${claim.seqs}::bigint[]) returning 1`,
      };
    case "dead-letter":
      // Of two changes of one row in a statement Postgres takes one or refuses both: what is parked again is only locked.
      if (claim.ids.some((id) => parkedAgain.has(id)))
        return {
          count: claim.ids.length,
          body: sql`select 1 from ${schema}.dead_letters where id = any(${claim.ids}::text[]) and status = 'open' for update`,
        };
      return {
        count: claim.ids.length,
        body: sql`update ${schema}.dead_letters set status = 'retried', closed_at = now() where id = any(${claim.ids}::text[]) and status = 'open' returning 1`,
      };
  }
}

const insertOutbox = (schema: Sql, rows: readonly Publication[]): Sql =>
  sql`insert into ${schema}.outbox (cause_id, topic, key, headers, value)
      select c, t, k, h::jsonb, v from unnest(${rows.map((row) => row.causeId)}::text[], ${rows.map((row) => row.record.topic)}::text[],
        ${rows.map((row) => row.record.key)}::text[], ${rows.map((row) => JSON.stringify(row.record.headers))}::text[],
        ${rows.map((row) => row.record.value)}::text[]) with ordinality u(c, t, k, h, v, n) order by n`;

const insertDeferred = (schema: Sql, rows: readonly DeferredRow[]): Sql =>
  sql`insert into ${schema}.deferred_events
        (consumer, tenant, source, event_id, key, until, reason, due_at, give_up_at, topic, "partition", "offset", headers, value)
      select c, t, s, e, k, u, r, now() + make_interval(secs => a), now() + make_interval(secs => g), tp, p, o, h::jsonb, v
      from unnest(${rows.map((row) => row.consumer)}::text[], ${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.source)}::text[],
        ${rows.map((row) => row.eventId)}::text[], ${rows.map((row) => row.key)}::text[], ${rows.map((row) => row.until)}::text[],
        ${rows.map((row) => row.reason)}::text[], ${rows.map((row) => row.retryAfterSeconds)}::float8[], ${rows.map((row) => row.giveUpAfterSeconds)}::float8[],
        ${rows.map((row) => row.record.topic)}::text[], ${rows.map((row) => row.record.partition)}::int[], ${rows.map((row) => row.record.offset)}::bigint[],
        ${rows.map((row) => JSON.stringify(row.record.headers))}::text[], ${rows.map((row) => row.record.value)}::text[])
        with ordinality d(c, t, s, e, k, u, r, a, g, tp, p, o, h, v, n) order by n`;

const updateDeferred = (schema: Sql, rows: readonly Redeferred[]): Sql =>
  sql`update ${schema}.deferred_events d set until = u.until, reason = u.reason, due_at = now() + make_interval(secs => u.seconds)
      from unnest(${rows.map((row) => row.seq)}::bigint[], ${rows.map((row) => row.until)}::text[], ${rows.map((row) => row.reason)}::text[],
        ${rows.map((row) => row.retryAfterSeconds)}::float8[]) u(seq, until, reason, seconds) where d.seq = u.seq`;

const insertDeadLetters = (schema: Sql, rows: readonly DeadLetterRow[]): Sql =>
  sql`insert into ${schema}.dead_letters (id, consumer, tenant, topic, "partition", "offset", key, event_id, event_type, headers, value, code, message)
      select i, c, t, tp, p, o, k, e, et, h::jsonb, v, co, m
      from unnest(${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.consumer)}::text[], ${rows.map((row) => row.tenant)}::text[],
        ${rows.map((row) => row.record.topic)}::text[], ${rows.map((row) => row.record.partition)}::int[], ${rows.map((row) => row.record.offset)}::bigint[],
        ${rows.map((row) => row.record.key)}::text[], ${rows.map((row) => row.eventId)}::text[], ${rows.map((row) => row.eventType)}::text[],
        ${rows.map((row) => JSON.stringify(row.record.headers))}::text[], ${rows.map((row) => row.record.value)}::text[],
        ${rows.map((row) => row.code)}::text[], ${rows.map((row) => row.message)}::text[]) d(i, c, t, tp, p, o, k, e, et, h, v, co, m)
      on conflict (id) do update set status = 'open', closed_at = null, code = excluded.code, message = excluded.message`;
