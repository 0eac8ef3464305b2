import { idFor } from "@opsdesk/identity";
import type { JobToInsert } from "@opsdesk/jobs";
import type { BusRecord } from "./bus.ts";
import type { Claim, DeadLetterRow, DeferredRow, InboxRow } from "./commit.ts";
import type { Cause } from "./encode.ts";
import {
  type Consumer,
  type Decision,
  type Item,
  behind,
  identityOf,
  identityParts,
  keyOf,
  storable,
  storedKey,
} from "./item.ts";
import type { NewJob, Outcome, Waiting } from "./outcome.ts";

/** Whatever is behind another event is looked at when that one is done; the time is for dead letters, which people close. */
export const BEHIND = { until: "behind", retryAfterSeconds: 60, giveUpAfterSeconds: 7 * 86_400 };

/** All items of one call come from the same place, so one kind of claim covers them. */
export function claimOf(consumer: Consumer, decisions: readonly Decision[]): Claim {
  if (decisions.length === 0) return { kind: "none" };
  const seqs = decisions.flatMap(({ item }) => (item.from === "deferred" ? [item.seq] : []));
  if (seqs.length > 0) return { kind: "deferred", seqs };
  const ids = decisions.flatMap(({ item }) => (item.from === "dead-letter" ? [item.id] : []));
  if (ids.length > 0) return { kind: "dead-letter", ids };
  return {
    kind: "inbox",
    consumer: consumer.name,
    rows: decisions.map(({ item, outcome }): InboxRow => {
      const { tenant, source, eventId } = identityParts(item);
      const reason =
        outcome.outcome === "ignore" || outcome.outcome === "defer"
          ? outcome.reason
          : outcome.outcome === "reject"
            ? outcome.code
            : null;
      return { tenant, source, eventId, outcome: outcome.outcome, reason };
    }),
  };
}

/** `crashSeconds`: how long a job that is run from memory is left alone by others. */
export function jobOf(crashSeconds: (queue: string) => number, cause: Cause, item: Item, job: NewJob): JobToInsert {
  const immediate = job.startAfterSeconds === undefined || job.startAfterSeconds === 0;
  return {
    id: idFor(`${cause.key}:${job.queue}${job.ordinal === undefined ? "" : `:${job.ordinal}`}`),
    queue: job.queue,
    startAfterSeconds: immediate ? crashSeconds(job.queue) : (job.startAfterSeconds ?? 0),
    fromMemory: immediate,
    data: {
      key: job.key,
      data: job.data,
      tenant: cause.tenant,
      correlationId: cause.correlationId,
      causationId: cause.id,
      subject: item.decoded.ok ? item.decoded.event.subject : undefined,
      traceparent: cause.traceparent,
      attempt: 0,
    },
  };
}

/** What wakes it. */
const wakerOf = (consumer: Consumer, item: Item, { until }: Waiting): string =>
  until === BEHIND.until ? behind(consumer, item) : until;

export function deferredRow(
  consumer: Consumer,
  item: Item,
  outcome: Outcome<unknown> & { outcome: "defer" },
): DeferredRow {
  const { tenant, source, eventId } = identityParts(item);
  return {
    consumer: consumer.name,
    tenant,
    source,
    eventId,
    key: keyOf(item),
    until: wakerOf(consumer, item, outcome.waiting),
    reason: outcome.reason,
    retryAfterSeconds: outcome.waiting.retryAfterSeconds,
    giveUpAfterSeconds: outcome.waiting.giveUpAfterSeconds,
    record: storableRecord(item.record),
  };
}

export function deadLetterRow(
  consumer: Consumer,
  item: Item,
  outcome: Outcome<unknown> & { outcome: "reject" },
): DeadLetterRow {
  const { tenant, eventId } = identityParts(item);
  return {
    id: idFor(`dead-letter:${consumer.name}:${identityOf(item)}`),
    consumer: consumer.name,
    tenant,
    eventId: item.decoded.ok ? eventId : item.decoded.eventId,
    eventType: item.decoded.ok ? item.decoded.event.type : null,
    code: outcome.code,
    message: storable(outcome.message.slice(0, 1_000)),
    record: storableRecord(item.record),
  };
}

/** A broker keeps any bytes as key, header and value; parking must not fail for them. */
const storableRecord = (record: BusRecord): BusRecord => ({
  ...record,
  key: record.key === null ? null : storedKey(record.key),
  headers: Object.fromEntries(Object.entries(record.headers).map(([name, value]) => [storable(name), storable(value)])),
  value: storable(record.value),
});

/** Tells operators of it, as an event like any other. */
export const parked = (service: string, dead: DeadLetterRow) => ({
  type: "dead_letter.parked" as const,
  key: dead.record.key ?? dead.id,
  ordinal: dead.consumer,
  data: {
    deadLetterId: dead.id,
    service,
    consumer: dead.consumer,
    topic: dead.record.topic,
    partition: dead.record.partition,
    offset: String(dead.record.offset),
    eventId: dead.eventId,
    eventType: dead.eventType,
    code: dead.code,
    message: dead.message.slice(0, 300).toWellFormed() || dead.code,
  },
});
