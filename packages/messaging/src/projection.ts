import { identifier, sql } from "@opsdesk/database";
import { TransientError } from "@opsdesk/errors";
import type { EventType } from "@opsdesk/schemas";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { deadLetterRow, parked } from "./batch-rows.ts";
import type { BusRecord, RecordBatch } from "./bus.ts";
import { isoTime } from "./clock.ts";
import { NOTHING, commit } from "./commit.ts";
import { type DecodeOptions, decode } from "./decode.ts";
import { prepareEvent } from "./encode.ts";
import { Gathering } from "./gathering.ts";
import { type Consumer, type Item, causeOf } from "./item.ts";
import { type Outcome, reject } from "./outcome.ts";
import { pause } from "./pause.ts";
import type { ProcessorPorts } from "./processor.ts";

/**
 * A copy of events in a store outside Postgres (a search index, a graph) that can be thrown away and made again.
 *
 * It has no inbox: the same events may come again, in any order between topics, so `project` writes by id and version
 * and a repetition changes nothing. It throws TransientError while the store cannot serve; the events then wait.
 */
export interface Projection {
  readonly types: readonly EventType[];
  readonly project: (events: readonly Envelope[]) => Promise<void>;
  /** An empty place beside the present one. `activate` makes it the one that `project` and readers use from now on. */
  readonly rebuild: () => Promise<{
    readonly project: (events: readonly Envelope[]) => Promise<void>;
    readonly activate: () => Promise<void>;
  }>;
}

const BACKOFF_MS_MIN = 200;
const BACKOFF_MS_MAX = 10_000;

/** What a projection's partitions hand over is written together. */
export const projectingFor = (
  ports: ProcessorPorts,
  consumer: Pick<Consumer, "name">,
  { project }: Projection,
  eventsMax: number,
  signal: AbortSignal,
): Gathering<Envelope, void> =>
  new Gathering(eventsMax, signal, async (events) => {
    const startedAt = performance.now();
    await project(events);
    ports.observer.batch(consumer.name, (performance.now() - startedAt) / 1_000);
  });

/** Takes one batch to its end: what can be read is projected, what cannot is parked. Never throws. */
export async function projectBatch(
  ports: ProcessorPorts,
  consumer: Pick<Consumer, "name">,
  projecting: Gathering<Envelope, void>,
  batch: RecordBatch,
  options: DecodeOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const waiting = { signal: options.signal, heartbeat: () => batch.heartbeat() };
  const until = (work: () => Promise<unknown>): Promise<Ended> => untilDone(ports, consumer, waiting, work);
  const events: Envelope[] = [];
  for (const record of batch.records) {
    const decoded = decode(record, options);
    if (decoded.ok) events.push(decoded.event);
    else if ((await until(() => park(ports, consumer, record, options, decoded))) === "stopped") return;
  }
  let alone = false;
  let begun = true;
  const whole = await until(async () => {
    if (alone) return await projecting.alone(events);
    alone = true;
    begun = (await projecting.run(events)) !== undefined;
  });
  if (whole === "stopped" || !begun) return;
  if (whole === "refused")
    for (const record of batch.records) {
      const decoded = decode(record, options);
      if (!decoded.ok) continue;
      let one = await until(() => projecting.alone([decoded.event]));
      if (one === "refused")
        one = await until(() =>
          park(ports, consumer, record, options, { code: "not_projectable", message: "the store refuses this event" }),
        );
      if (one === "stopped") return;
    }
  const last = batch.records.at(-1);
  if (last === undefined) return;
  ports.observer.processed(consumer.name, "done", events.length);
  batch.commit(last.offset + 1);
}

type Ended = "done" | "refused" | "stopped";

interface Waiting {
  readonly signal: AbortSignal;
  /** A loop that waits for its store is not one that hangs. */
  readonly heartbeat?: () => Promise<void>;
}

/** Again and again while the store cannot serve, until it is done, or refused for good, or this process stops. */
async function untilDone(
  ports: ProcessorPorts,
  consumer: Pick<Consumer, "name">,
  { signal, heartbeat }: Waiting,
  work: () => Promise<unknown>,
): Promise<Ended> {
  for (let backoffMs = BACKOFF_MS_MIN; !signal.aborted; backoffMs = Math.min(backoffMs * 2, BACKOFF_MS_MAX)) {
    try {
      await work();
      return "done";
    } catch (error) {
      const transient = error instanceof TransientError;
      ports.observer.trouble(
        transient ? error.code : "projection_failed",
        `${consumer.name}: ${transient ? "the events wait" : "an event cannot be projected"}`,
        error,
      );
      if (!transient) return "refused";
      await pause(signal, backoffMs);
      await heartbeat?.();
    }
  }
  return "stopped";
}

/** One dead letter for one record, whatever it is offered again: its id follows from the record. */
async function park(
  ports: ProcessorPorts,
  consumer: Pick<Consumer, "name">,
  record: BusRecord,
  options: DecodeOptions,
  fault: { readonly code: string; readonly message: string },
): Promise<void> {
  const item: Item = { from: "topic", record, decoded: decode(record, options) };
  const outcome = reject(fault.code, fault.message) as Outcome<unknown> & { outcome: "reject" };
  const row = deadLetterRow(consumer as Consumer, item, outcome);
  // Offered again, since its offset was not committed: that it was parked has been told.
  const parkedBefore = await ports.database.query(
    sql`select 1 from ${identifier(ports.schema)}.dead_letters where id = ${row.id} and status in ('open', 'closed')`,
  );
  if (parkedBefore.length > 0) return;
  const prepared = prepareEvent(ports.service, causeOf(item), parked(ports.service, row), isoTime(ports.clock));
  await commit(
    ports,
    { ...NOTHING, publications: [{ causeId: row.id, record: prepared.record }], deadLetters: [row] },
    [],
  );
  ports.observer.parked(consumer.name, fault.code);
  ports.observer.processed(consumer.name, "rejected", 1);
}

export interface RebuildReport {
  readonly events: number;
  readonly unreadable: number;
  /** Events that the store takes under no circumstances. */
  readonly refused: number;
  readonly seconds: number;
}

const REBUILD_BATCH = 1_000;
const CATCH_UP_MS = 60_000;

/**
 * Fills a new place from the beginning of every topic, switches to it, then reads once more what arrived meanwhile,
 * since the live projection wrote that to the old one.
 */
export async function rebuildProjection(
  ports: ProcessorPorts,
  consumer: Pick<Consumer, "name">,
  projection: Projection,
  topics: readonly string[],
  options: DecodeOptions & { readonly signal: AbortSignal; readonly onProgress?: (events: number) => void },
): Promise<RebuildReport> {
  const startedAt = ports.clock.now();
  const counts = { events: 0, unreadable: 0, refused: 0 };
  const { project, activate } = await projection.rebuild();
  const fill = async (from: { offset: number } | { time: number }): Promise<void> => {
    let events: Envelope[] = [];
    const flush = async (): Promise<void> => {
      if (events.length === 0) return;
      if ((await untilDone(ports, consumer, options, () => project(events))) === "refused")
        for (const event of events)
          if ((await untilDone(ports, consumer, options, () => project([event]))) === "refused") counts.refused += 1;
      if (options.signal.aborted)
        throw new TransientError("projection_interrupted", `${consumer.name}: the rebuild was interrupted`);
      events = [];
      options.onProgress?.(counts.events);
    };
    for (const topic of topics)
      for await (const record of ports.bus.read({ topic, from })) {
        const decoded = decode(record, options);
        if (!decoded.ok) counts.unreadable += 1;
        else {
          counts.events += 1;
          events.push(decoded.event);
        }
        if (events.length >= REBUILD_BATCH) await flush();
      }
    await flush();
  };
  await fill({ offset: 0 });
  const first = { ...counts };
  await activate();
  await fill({ time: startedAt - CATCH_UP_MS });
  // What the store would not take before is there now; what it still refuses, or nobody can read, waits for a person.
  if (counts.refused === 0)
    await ports.database.query(
      sql`update ${identifier(ports.schema)}.dead_letters set status = 'retried', closed_at = now()
          where consumer = ${consumer.name} and code = 'not_projectable' and status = 'open' and created_at < ${new Date(startedAt).toISOString()}::timestamptz`,
    );
  return { ...first, seconds: (ports.clock.now() - startedAt) / 1_000 };
}
