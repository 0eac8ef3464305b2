import { type Read, identifier, sql } from "@opsdesk/database";
import { BugError, RejectedError, TransientError } from "@opsdesk/errors";
import type { JobToInsert } from "@opsdesk/jobs";
import { type InputKeeping, keptInput } from "./accepted-inputs.ts";
import { BEHIND, claimOf, deadLetterRow, deferredRow, jobOf, parked } from "./batch-rows.ts";
import { type Clock, isoTime } from "./clock.ts";
import {
  type CommitPorts,
  Conflict,
  type DeadLetterRow,
  type DeferredRow,
  type Publication,
  type Redeferred,
  commit,
  wakeAgain,
} from "./commit.ts";
import { publicationsOf } from "./edge.ts";
import { prepareEvent } from "./encode.ts";
import {
  type Consumer,
  type Decision,
  type Item,
  type ItemResult,
  behind,
  causeOf,
  eventOf,
  identityOf,
  identityParts,
  keyOf,
  nowOf,
} from "./item.ts";
import type { InboxFloors } from "./inbox-floors.ts";
import type { Observer } from "./observer.ts";
import { reject, type NewEvent, type Outcome } from "./outcome.ts";
import type { PublishedFacts } from "./published-facts.ts";
import type { Publisher } from "./publisher.ts";
import { republish } from "./republish.ts";
import { inItemSpan, tracedItems } from "./trace-items.ts";
import type { Turns } from "./turns.ts";

export interface ProcessorPorts extends CommitPorts {
  readonly service: string;
  readonly clock: Clock;
  readonly publisher: Publisher;
  readonly observer: Observer;
  /** Takes jobs that have just been committed, to run them from memory. */
  readonly runJobs: (jobs: readonly JobToInsert[]) => void;
  /** How long a job that is run from memory is left alone by others. */
  readonly crashSeconds: (queue: string) => number;
  /** Tenants whose parties outside have topics of their own. */
  readonly edgeTenants: readonly string[];
  readonly turns: Turns;
  readonly floors: InboxFloors;
  /** Present where what was accepted by HTTP has to be found again after a restore. */
  readonly keepInputs?: InputKeeping;
  /** Present only while a restored slice is made up for. */
  readonly facts?: PublishedFacts;
}

/** One result an item. */
export interface Processed {
  readonly results: readonly ItemResult[];
  readonly published: boolean;
}

const CONFLICTS_MAX = 8;
const NOTHING_KNOWN = { seen: new Set<string>(), blocked: [] as readonly string[] };
/**
 * The step that every handler shares: look up what was seen, load once, decide in order, commit all or nothing.
 * Answers one result an item. `published` is false when events of this batch are left to the relay; the caller
 * must then not move its source offset beyond it. Throws TransientError when nothing was changed and all may be retried.
 */
export const processItems = (ports: ProcessorPorts, consumer: Consumer, items: readonly Item[]): Promise<Processed> =>
  tracedItems(ports, consumer, items, () => inTurn(ports, consumer, items));

/** Without spans. */
export function inTurn(ports: ProcessorPorts, consumer: Consumer, items: readonly Item[]): Promise<Processed> {
  const { turn } = consumer.handler;
  const process = (): Promise<Processed> => processAll(ports, consumer, items);
  return turn === undefined ? process() : ports.turns.take(turn, process);
}

async function processAll(ports: ProcessorPorts, consumer: Consumer, items: readonly Item[]): Promise<Processed> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      // New events are the rule, so the first attempt looks nothing up: its statement notices what was seen before, or
      // has to wait behind another event, and then nothing is written.
      return await attemptOnce(ports, consumer, items, attempt === 0 && items.every((item) => item.from === "topic"));
    } catch (error) {
      if (error instanceof TransientError) throw error;
      if (error instanceof Conflict && attempt < CONFLICTS_MAX) continue;
      if (items.length > 1) return await oneByOne(ports, consumer, items);
      // A row that another writer inserted is seen by the next load. One that is in the way each time comes of a decision
      // that does not look for it, which no waiting mends.
      if (error instanceof Conflict && !(error.over === "row" && items[0]?.from !== "offer"))
        throw new TransientError("contended", `${consumer.name}: another writer was first ${CONFLICTS_MAX} times`, {
          cause: error,
        });
      const [item] = items;
      if (item === undefined || item.from === "offer") throw error;
      // Not transient and alone: it can never work. Parking it keeps the partition moving.
      const fault = error instanceof Conflict ? error.cause : error;
      return await writeDecisions(ports, consumer, [{ item, outcome: failed(ports, consumer, fault) }], new Map());
    }
  }
}

/** Isolates the item that makes a batch fail; the others still take effect, in order. */
async function oneByOne(ports: ProcessorPorts, consumer: Consumer, items: readonly Item[]): Promise<Processed> {
  const results: ItemResult[] = [];
  let published = true;
  for (const item of items) {
    const one = await processAll(ports, consumer, [item]).catch((error: unknown) => {
      if (item.from !== "offer" || error instanceof TransientError) throw error;
      return { results: [refusal(error)], published: true };
    });
    results.push(...one.results);
    published &&= one.published;
  }
  return { results, published };
}

async function attemptOnce(
  ports: ProcessorPorts,
  consumer: Consumer,
  items: readonly Item[],
  hopeful: boolean,
): Promise<Processed> {
  const loadedAt = performance.now();
  const known = hopeful ? NOTHING_KNOWN : await lookUp(ports, consumer, items);
  const duplicates = new Map<Item, ItemResult>();
  const seenInBatch = new Set<string>();
  const fresh = items.filter((item) => {
    if (item.from === "deferred" || item.from === "dead-letter") return true;
    const id = identityOf(item);
    const repeated =
      known.seen.has(id) ||
      seenInBatch.has(id) ||
      (item.from === "topic" && ports.floors.covers(consumer.name, item.record));
    seenInBatch.add(id);
    if (repeated) duplicates.set(item, { status: "duplicate" });
    return !repeated;
  });
  const readable = fresh.filter((item) => item.decoded.ok).map((item) => eventOf(item));
  // The runtime hands a handler only what its own `type` and `load` produced (see handler.ts).
  let state = readable.length === 0 ? undefined : await consumer.handler.load?.(ports.database, readable as never);

  const now = isoTime(ports.clock);
  const blocked = new Set(known.blocked);
  const decisions: Decision[] = [];
  for (const item of fresh) {
    const outcome = decideOne(ports, consumer, item, state, now, blocked);
    if (
      item.decoded.ok &&
      outcome.outcome === "done" &&
      outcome.effects.rows !== undefined &&
      consumer.handler.evolve !== undefined
    )
      state = consumer.handler.evolve(state, outcome.effects.rows, item.decoded.event as never);
    if (outcome.outcome === "defer" || (outcome.outcome === "reject" && consumer.handler.strictOrder === true))
      blocked.add(keyOf(item));
    decisions.push({ item, outcome });
  }
  const republished =
    duplicates.size === 0 || items[0]?.from === "offer" || (await republish(ports, [...duplicates.keys()]));
  const written = await writeDecisions(ports, consumer, decisions, duplicates, {
    order: items,
    hopeful,
    loadedAt,
    now,
  });
  return { results: written.results, published: written.published && republished };
}

function decideOne(
  ports: ProcessorPorts,
  consumer: Consumer,
  item: Item,
  state: unknown,
  now: string,
  blocked: ReadonlySet<string>,
): Outcome<unknown> {
  if (!item.decoded.ok) return reject(item.decoded.code, item.decoded.message);
  if (item.from !== "offer" && blocked.has(keyOf(item)))
    return { outcome: "defer", reason: "behind an earlier event of its key", waiting: BEHIND };
  let outcome: Outcome<unknown>;
  try {
    outcome = consumer.handler.decide(item.decoded.event as never, state, { now: nowOf(item, now) });
  } catch (error) {
    outcome = inItemSpan(item, () => failed(ports, consumer, error));
  }
  if (outcome.outcome === "defer" && item.from === "deferred" && item.expired)
    return reject("deferred_too_long", `${outcome.reason}: gave up waiting for ${outcome.waiting.until}`);
  return outcome;
}

/** An exception from a pure decision, or a write that Postgres refuses, fails again each time. */
function failed(ports: ProcessorPorts, consumer: Consumer, error: unknown): Outcome<never> {
  if (error instanceof RejectedError) return reject(error.code, error.message);
  const message = error instanceof Error ? error.message : String(error);
  ports.observer.trouble("handler_failed", `${consumer.name} failed`, error);
  return reject(error instanceof BugError ? error.code : "handler_failed", message.slice(0, 900));
}

const refusal = (error: unknown): ItemResult => ({
  status: "rejected",
  code: error instanceof RejectedError || error instanceof BugError ? error.code : "handler_failed",
  message: error instanceof Error ? error.message : String(error),
});

interface Attempt {
  readonly order: readonly Item[];
  /** Nothing was looked up before. */
  readonly hopeful: boolean;
  /** In milliseconds of `performance.now()`. */
  readonly loadedAt: number;
  /** The clock of its decisions, which their events carry: recovery goes by it. */
  readonly now: string;
}

/** Turns decisions into one commit, then publishes and starts jobs from memory. */
async function writeDecisions(
  ports: ProcessorPorts,
  consumer: Consumer,
  decisions: readonly Decision[],
  duplicates: ReadonlyMap<Item, ItemResult>,
  { order, hopeful, loadedAt, now }: Attempt = {
    order: decisions.map((one) => one.item),
    hopeful: false,
    loadedAt: performance.now(),
    now: isoTime(ports.clock),
  },
): Promise<Processed> {
  const results = new Map<Item, ItemResult>(duplicates);
  const rows: unknown[] = [];
  const publications: Publication[] = [];
  const jobs: JobToInsert[] = [];
  const deferred: DeferredRow[] = [];
  const deadLetters: DeadLetterRow[] = [];
  const redeferred: Redeferred[] = [];
  const wakes = new Set<string>();
  const claimed: Decision[] = [];

  for (const decision of decisions) {
    const { item, outcome } = decision;
    const offered = item.from === "offer";
    if (offered && (outcome.outcome === "reject" || outcome.outcome === "defer")) {
      results.set(item, answered(outcome));
      continue;
    }
    results.set(item, answered(outcome));
    if (item.from === "deferred" && outcome.outcome === "defer") {
      // Its row stays, and with it its place before whatever waits behind it.
      if (outcome.waiting.until !== BEHIND.until)
        redeferred.push({
          seq: item.seq,
          until: outcome.waiting.until,
          reason: outcome.reason,
          retryAfterSeconds: outcome.waiting.retryAfterSeconds,
        });
      continue;
    }
    claimed.push(decision);
    const cause = causeOf(item);
    const emit = (events: readonly Parameters<typeof prepareEvent>[2][]) => {
      for (const event of events)
        publications.push(
          ...publicationsOf(cause.id, prepareEvent(ports.service, cause, event, nowOf(item, now)), ports.edgeTenants),
        );
    };
    if (outcome.outcome === "done") {
      if (outcome.effects.rows !== undefined) rows.push(outcome.effects.rows);
      for (const wake of outcome.effects.wakes ?? []) wakes.add(wake);
      for (const job of outcome.effects.jobs ?? []) jobs.push(jobOf(ports.crashSeconds, cause, item, job));
      emit(outcome.effects.events ?? []);
      if (offered && ports.keepInputs !== undefined)
        emit([await inputToKeep(ports.keepInputs, ports.service, consumer, item)]);
    } else if (outcome.outcome === "defer") {
      deferred.push(deferredRow(consumer, item, outcome));
    } else if (outcome.outcome === "reject") {
      const dead = deadLetterRow(consumer, item, outcome);
      deadLetters.push(dead);
      emit([...outcome.events, parked(ports.service, dead)]);
    }
    // Whatever waits behind it may now go on: also what came to wait while it was being looked at.
    if (item.from === "dead-letter" || item.from === "deferred") wakes.add(behind(consumer, item));
  }

  const sent = ports.facts?.atOnce(jobs) ?? jobs;
  if (claimed.length === 0 && redeferred.length === 0)
    return { results: order.map((item) => resultOf(results, item)), published: true };
  // Only rows of this handler's own decisions reach its own `save`.
  const save = rows.length === 0 ? undefined : consumer.handler.save?.(rows);
  const publishedSeqs = ports.publisher.takePublished();
  let committed;
  try {
    committed = await commit(
      ports,
      {
        claim: claimOf(consumer, claimed),
        ...(hopeful
          ? {
              unblocked: {
                consumer: consumer.name,
                keys: claimed.map(({ item }) => keyOf(item)),
                strict: consumer.handler.strictOrder === true,
              },
            }
          : {}),
        writes: save?.writes ?? [],
        guards: save?.guards ?? [],
        publications,
        jobs: sent,
        deferred,
        redeferred,
        deadLetters,
        wakes: [...wakes],
      },
      publishedSeqs,
    );
  } catch (error) {
    ports.publisher.putBack(publishedSeqs);
    if (error instanceof TransientError && publications.length > 0) ports.publisher.hold();
    throw error;
  }
  for (const { code } of deadLetters) ports.observer.parked(consumer.name, code);
  ports.runJobs(sent.filter((job) => job.fromMemory));
  const publishing = ports.publisher.publish(
    publications.map((one) => one.record),
    committed.outboxSeqs,
  );
  const missed = [...deferred, ...redeferred].flatMap(({ until }) =>
    ports.woken.since(until, loadedAt) ? [until] : [],
  );
  // After publishing has begun, so that no later event of a key overtakes. It failing costs a retry time; what was
  // committed stands.
  if (missed.length > 0) await wakeAgain(ports, missed).catch(() => undefined);
  // Only an offset has to wait for it: whoever asked by HTTP has an answer, also while the broker is away.
  const published = order[0]?.from === "offer" || (await publishing);
  return { results: order.map((item) => resultOf(results, item)), published };
}

const inputToKeep = (keeping: InputKeeping, service: string, consumer: Consumer, item: Item): Promise<NewEvent> =>
  keptInput(keeping, consumer.name.slice(service.length + 1), eventOf(item), item.record.key ?? identityOf(item));

function resultOf(results: ReadonlyMap<Item, ItemResult>, item: Item): ItemResult {
  const result = results.get(item);
  if (result === undefined) throw new BugError("handler_failed", "an item was neither decided nor a duplicate");
  return result;
}

function answered(outcome: Outcome<unknown>): ItemResult {
  switch (outcome.outcome) {
    case "done":
      return { status: "done", reply: outcome.effects.reply };
    case "ignore":
      return { status: "ignored", reason: outcome.reason, reply: outcome.reply };
    case "defer":
      return { status: "deferred", reason: outcome.reason, retryAfterSeconds: outcome.waiting.retryAfterSeconds };
    case "reject":
      return { status: "rejected", code: outcome.code, message: outcome.message, reply: outcome.reply };
  }
}

/** What of these items was claimed before, and which keys have an earlier event waiting. One statement. */
async function lookUp(
  ports: ProcessorPorts,
  consumer: Consumer,
  items: readonly Item[],
): Promise<{ seen: ReadonlySet<string>; blocked: readonly string[] }> {
  const strict = consumer.handler.strictOrder === true;
  const asked = items.filter(
    (item) => item.from === "topic" || item.from === "offer" || (strict && item.from === "deferred"),
  );
  if (asked.length === 0) return { seen: new Set(), blocked: [] };
  const schema = identifier(ports.schema);
  const rows = await (ports.database as Read).query<{ kind: string; id: string }>(
    sql`select 'seen' as kind, tenant || E'\n' || source || E'\n' || event_id as id from ${schema}.inbox
          where event_id = any(${asked.map((item) => identityParts(item).eventId)}::text[]) and consumer = ${consumer.name}
        union all
        select distinct 'blocked', key from ${schema}.deferred_events
          where consumer = ${consumer.name} and key = any(${asked.filter((item) => item.from !== "deferred").map(keyOf)}::text[])
        union all
        select distinct 'blocked', key from ${schema}.dead_letters
          where ${strict}::boolean and status = 'open' and consumer = ${consumer.name} and key = any(${asked.map(keyOf)}::text[])`,
  );
  return {
    seen: new Set(rows.filter((row) => row.kind === "seen").map((row) => row.id)),
    blocked: rows.filter((row) => row.kind === "blocked").map((row) => row.id),
  };
}
