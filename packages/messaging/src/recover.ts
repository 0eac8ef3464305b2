import { type Read, identifier, sql } from "@opsdesk/database";
import { contractOf, topicCatalogue } from "@opsdesk/schemas";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { InputAccepted } from "@opsdesk/schemas/input-accepted";
import { type InputBlobs, inputOf } from "./accepted-inputs.ts";
import type { Bus, BusRecord } from "./bus.ts";
import { type DecodeOptions, decode } from "./decode.ts";
import { type Consumer, type Item, type Outcomes, identityOf, identityParts, noOutcomes } from "./item.ts";
import type { ProcessorPorts } from "./processor.ts";
import { processItems } from "./processor.ts";
import type { PublishedFacts } from "./published-facts.ts";
import { type LostInput, recoveryOrder } from "./recovery-order.ts";

export interface RecoverOptions {
  /** Only says what would be done. */
  readonly dryRun: boolean;
  readonly blobs: InputBlobs;
  /** Told before anything is handled what this service has published since its slice was saved. */
  readonly onFacts?: (facts: readonly Envelope[]) => void | Promise<void>;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface RecoverReport {
  /** When the restored slice last took anything in, RFC 3339; null for one that never did. */
  readonly restoredTo: string | null;
  /** Of its own events, since then. */
  readonly published: number;
  /** Inputs of the log that the slice did not know, and of those the ones that had come by HTTP. */
  readonly lost: number;
  readonly lostByHttp: number;
  readonly outcomes: Readonly<Outcomes>;
  /** Which inputs became dead letters, and why: the first twenty. */
  readonly refused: readonly Refused[];
  /** Events that were made again and were not sent, because the log has them. */
  readonly withheld: number;
}

interface Refused {
  /** `<service>.<handler>` */
  readonly consumer: string;
  readonly eventId: string;
  readonly code: string;
  readonly message: string;
}

export interface RecoverPorts {
  readonly ports: ProcessorPorts;
  readonly facts: PublishedFacts;
  readonly decoding: DecodeOptions;
  /** By topic. */
  readonly consumers: ReadonlyMap<string, Consumer>;
  /** Resolves when no job runs from memory and no input that had to wait is due. */
  readonly settled: () => Promise<void>;
}

/** Commits may end later than they begin, and clocks differ. */
const MARGIN_MS = 10 * 60_000;
const CHUNK = 1_000;
const REFUSED_MAX = 20;

interface Lost extends LostInput {
  readonly item: Item & { readonly from: "topic" };
  readonly handler: Consumer;
  readonly byHttp: boolean;
}

/**
 * Makes up for what a restored slice does not know: reads from the log what the service has published since and every
 * input that its inbox does not hold, and hands those to their handlers in the order of their first time. Nothing is
 * published twice; what was published stands. Can be broken off and begun again: what was handled is in the inbox, and
 * the moment to which the slice was restored is kept until `endRecovery`.
 */
export async function recoverSlice(recovering: RecoverPorts, options: RecoverOptions): Promise<RecoverReport> {
  const { ports, facts, settled } = recovering;
  await ports.floors.load(ports.database, ports.schema);
  const begun = await begunRecovery(ports);
  const restoredTo = begun === undefined ? await lastClaim(ports) : begun.restoredTo;
  await readFacts(recovering, restoredTo === null ? 0 : Date.parse(restoredTo) - MARGIN_MS);
  const lost = await lostInputs(recovering, options.blobs);
  const outcomes = noOutcomes();
  const refused: Refused[] = [];
  const report = () => ({
    restoredTo,
    published: facts.events().length,
    lost: lost.length,
    lostByHttp: lost.filter(({ byHttp }) => byHttp).length,
    outcomes,
    refused,
    withheld: facts.withheld(),
  });
  if (options.dryRun) return report();

  // Before its first claim, which would make the slice look as if it knew all until now.
  if (begun === undefined) await beginRecovery(ports, restoredTo);
  await options.onFacts?.(facts.events());
  let done = 0;
  for (const { afterJobs, inputs } of recoveryOrder(lost, (eventId) => facts.decided(eventId))) {
    if (afterJobs) await settled();
    const [first] = inputs;
    if (first === undefined) continue;
    const items = inputs.map(({ input, now }) => ({ ...input.item, decidedAt: now }));
    const { results } = await processItems(ports, first.input.handler, items);
    for (const [index, result] of results.entries()) {
      outcomes[result.status] += 1;
      const one = inputs[index]?.input;
      if (result.status !== "rejected" || one === undefined || refused.length >= REFUSED_MAX) continue;
      refused.push({ consumer: one.consumer, eventId: one.eventId, code: result.code, message: result.message });
    }
    done += items.length;
    options.onProgress?.(done, lost.length);
  }
  await settled();
  return report();
}

async function begunRecovery({
  database,
  schema,
}: ProcessorPorts): Promise<{ readonly restoredTo: string | null } | undefined> {
  const [row] = await database.query<{ at: Date | null }>(
    sql`select restored_to as at from ${identifier(schema)}.recoveries order by begun_at limit 1`,
  );
  return row === undefined ? undefined : { restoredTo: row.at?.toISOString() ?? null };
}

const beginRecovery = ({ database, schema }: ProcessorPorts, restoredTo: string | null): Promise<unknown> =>
  database.query(
    sql`insert into ${identifier(schema)}.recoveries (restored_to) values (${restoredTo}::text::timestamptz)`,
  );

/** Everything was made up for, jobs included. */
export const endRecovery = ({ database, schema }: Pick<ProcessorPorts, "database" | "schema">): Promise<unknown> =>
  database.query(sql`delete from ${identifier(schema)}.recoveries`);

async function lastClaim({ database, schema }: ProcessorPorts): Promise<string | null> {
  const [row] = await database.query<{ at: Date | null }>(
    sql`select max(claimed_at) as at from ${identifier(schema)}.inbox`,
  );
  return row?.at?.toISOString() ?? null;
}

async function readFacts({ decoding, facts, ports }: RecoverPorts, time: number): Promise<void> {
  const source = `/opsdesk/${ports.service}`;
  for (const topic of topicsPublished(ports))
    for await (const record of ports.bus.read({ topic, from: { time } })) {
      const decoded = decodeCopy(record, decoding);
      if (decoded?.source === source) facts.add(record, decoded);
    }
}

const topicsPublished = ({ edgeTenants, service }: ProcessorPorts): readonly string[] =>
  topicCatalogue
    .filter(({ producers }) => (producers as readonly string[]).includes(service))
    .flatMap(({ name, consumers }) =>
      consumers.some((party) => party === "upstream" || party === "crm")
        ? [name, ...edgeTenants.map((tenant) => `${name}.${tenant}`)]
        : [name],
    );

/** Of a topic for one outside party too, which `decode` does not read: nobody here consumes it. */
function decodeCopy(record: BusRecord, decoding: DecodeOptions): Envelope | undefined {
  const decoded = decode(record, decoding);
  if (decoded.ok) return decoded.event;
  if (decoded.code !== "topic_unknown") return undefined;
  const shared = decode({ ...record, topic: record.topic.slice(0, record.topic.lastIndexOf(".")) }, decoding);
  return shared.ok ? shared.event : undefined;
}

async function lostInputs(recovering: RecoverPorts, blobs: InputBlobs): Promise<readonly Lost[]> {
  const { consumers, decoding, ports } = recovering;
  const lost = new Map<string, Lost>();
  const take = async (read: readonly Lost[]): Promise<void> => {
    for (const one of await unknownTo(ports, read)) {
      const identity = `${one.consumer}\n${identityOf(one.item)}`;
      if (!lost.has(identity)) lost.set(identity, one);
    }
  };
  for (const [topic, handler] of consumers)
    for await (const records of chunks(ports.bus, topic))
      await take(records.map((record) => lostOf(record, handler, decode(record, decoding), false)));

  const journal = contractOf("input.accepted")?.topic ?? "";
  const handlers = new Map([...consumers.values()].map((handler) => [handler.name, handler]));
  for await (const records of chunks(ports.bus, journal)) {
    const read: Lost[] = [];
    for (const record of records) {
      const kept = decode(record, decoding);
      if (!kept.ok || kept.event.source !== `/opsdesk/${ports.service}`) continue;
      // Read under its contract just now.
      const data = kept.event.data as InputAccepted;
      const handler = handlers.get(`${ports.service}.${data.handler}`);
      if (handler === undefined) continue;
      const event = await inputOf(blobs, data);
      const own: BusRecord = {
        ...record,
        topic: contractOf(event.type)?.topic ?? record.topic,
        headers: { "content-type": "application/cloudevents+json", ce_id: event.id },
        value: JSON.stringify(event),
      };
      const one = lostOf(own, handler, { ok: true, event }, true);
      // Its place is the journal's: the topic of its type may have another record there.
      read.push({ ...one, topic: record.topic });
    }
    await take(read);
  }
  return [...lost.values()];
}

function lostOf(record: BusRecord, handler: Consumer, decoded: Item["decoded"], byHttp: boolean): Lost {
  const item = { from: "topic", record, decoded } as const;
  const event = decoded.ok ? decoded.event : undefined;
  return {
    eventId: identityParts(item).eventId,
    consumer: handler.name,
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    key: record.key,
    made: event === undefined ? undefined : { by: event.source, at: Date.parse(event.time) },
    timestamp: record.timestamp,
    // An enquiry's key is its thread's; every other record about a ticket names it.
    subject: event?.subject?.startsWith("tkt_") === true ? event.subject : undefined,
    item,
    handler,
    byHttp,
  };
}

async function unknownTo(
  { database, floors, schema }: ProcessorPorts,
  read: readonly Lost[],
): Promise<readonly Lost[]> {
  if (read.length === 0) return [];
  const parts = read.map(({ item }) => identityParts(item));
  const rows = await (database as Read).query<{ n: number }>(
    sql`select u.n::int as n from unnest(${read.map((one) => one.consumer)}::text[], ${parts.map((one) => one.tenant)}::text[], ${parts.map((one) => one.source)}::text[],
          ${parts.map((one) => one.eventId)}::text[]) with ordinality u(consumer, tenant, source, event_id, n)
        where exists (select from ${identifier(schema)}.inbox i
          where i.event_id = u.event_id and i.consumer = u.consumer and i.tenant = u.tenant and i.source = u.source)`,
  );
  const known = new Set(rows.map((row) => row.n - 1));
  return read.filter(({ byHttp, consumer, item, timestamp }, index) => {
    const forgotten = byHttp ? floors.coversInput(consumer, timestamp) : floors.covers(consumer, item.record);
    return !known.has(index) && !forgotten;
  });
}

async function* chunks(bus: Bus, topic: string): AsyncGenerator<readonly BusRecord[]> {
  let records: BusRecord[] = [];
  for await (const record of bus.read({ topic, from: { offset: 0 } })) {
    records.push(record);
    if (records.length < CHUNK) continue;
    yield records;
    records = [];
  }
  if (records.length > 0) yield records;
}
