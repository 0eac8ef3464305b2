import { identifier, sql } from "@opsdesk/database";
import { RejectedError, TransientError } from "@opsdesk/errors";
import { newId } from "@opsdesk/identity";
import type { BusRecord } from "./bus.ts";
import { Conflict, NOTHING, commit } from "./commit.ts";
import { type DecodeOptions, decode } from "./decode.ts";
import type { MessagingCode } from "./errors.ts";
import { type Consumer, type Item, type ItemResult, behind } from "./item.ts";
import { type ProcessorPorts, processItems } from "./processor.ts";
import type { Projection } from "./projection.ts";

type DeadLetterStatus = "open" | "retried" | "replaced" | "closed";

export interface DeadLetter {
  readonly id: string;
  readonly consumer: string;
  readonly tenant: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly eventId: string | null;
  readonly eventType: string | null;
  readonly code: string;
  readonly message: string;
  readonly status: DeadLetterStatus;
  readonly replacedBy: string | null;
  /** Whoever closed it said why nothing is to be made of it. */
  readonly closedBecause: string | null;
  readonly createdAt: string;
  /** Only where one is shown: it may hold personal data. */
  readonly value?: string;
}

export interface DeadLetterFilter {
  /** Absent: all tenants, for the operator of the installation. */
  readonly tenant?: string;
  readonly status?: DeadLetterStatus;
  readonly code?: string;
  readonly consumer?: string;
  readonly cursor?: string;
  readonly limit: number;
}

/** What operators do with dead letters: look, group by cause, retry, and, where it is allowed, edit and retry. */
export interface DeadLetters {
  list(filter: DeadLetterFilter): Promise<{ items: readonly DeadLetter[]; cursor: string | null }>;
  groups(
    tenant?: string,
  ): Promise<readonly { code: string; consumer: string; eventType: string | null; count: number; oldest: string }[]>;
  show(id: string, tenant?: string): Promise<DeadLetter>;
  /** Runs the handler again on the same record. A failure parks it again and is answered. */
  retry(id: string, tenant?: string): Promise<ItemResult>;
  /** For good, without handling it: its record is of no use to anybody. */
  close(id: string, because: string, tenant?: string): Promise<DeadLetter>;
  /**
   * Closes a dead letter, and runs the handler on a corrected record instead: under a new id, caused by the old one.
   * Nothing is published: the topic is its producer's, and whoever read the first record well keeps what it made of it.
   */
  replace(
    id: string,
    event: Readonly<Record<string, unknown>>,
    tenant?: string,
  ): Promise<ItemResult & { readonly eventId: string }>;
}

interface Row {
  readonly id: string;
  readonly consumer: string;
  readonly tenant: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly event_id: string | null;
  readonly event_type: string | null;
  readonly headers: Record<string, string>;
  readonly value: string;
  readonly code: string;
  readonly message: string;
  readonly status: DeadLetter["status"];
  readonly replaced_by: string | null;
  readonly closed_because: string | null;
  readonly created_at: Date;
}

export function deadLetters(
  ports: ProcessorPorts,
  consumers: ReadonlyMap<string, Consumer>,
  /** By consumer, as `consumers`. */
  projectionOf: (consumer: string) => Pick<Projection, "project"> | undefined,
  options: DecodeOptions,
): DeadLetters {
  const schema = identifier(ports.schema);
  const columns = sql`id, consumer, tenant, topic, "partition", "offset", key, event_id, event_type, headers, value, code, message, status, replaced_by, closed_because, created_at`;

  async function find(id: string, tenant: string | undefined): Promise<Row> {
    const [row] = await ports.database.query<Row>(
      sql`select ${columns} from ${schema}.dead_letters where id = ${id} and (${tenant ?? null}::text is null or tenant = ${tenant ?? null}::text)`,
    );
    if (row === undefined) throw refused("dead_letter_unknown", `there is no dead letter ${id}`);
    return row;
  }

  async function open(id: string, tenant: string | undefined): Promise<Row> {
    const row = await find(id, tenant);
    if (row.status !== "open") throw refused("dead_letter_closed", `dead letter ${id} was already ${row.status}`);
    return row;
  }

  /** Closes the letter in the transaction of what its record does; a failure is parked. */
  async function handle(row: Row, record: BusRecord): Promise<ItemResult> {
    const projection = projectionOf(row.consumer);
    if (projection !== undefined) return await project(projection, row, record);
    const consumer = consumers.get(row.consumer);
    if (consumer === undefined) throw refused("handler_unknown", `no handler is called ${row.consumer} any more`);
    const { results } = await processItems(ports, consumer, [
      { from: "dead-letter", id: row.id, record, decoded: decode(record, options) },
    ]);
    const [result] = results;
    if (result === undefined) throw refused("dead_letter_unknown", `there is no dead letter ${row.id}`);
    return result;
  }

  /** A projection has no inbox: writing the same event again changes nothing. */
  async function project(
    { project: write }: Pick<Projection, "project">,
    row: Row,
    record: BusRecord,
  ): Promise<ItemResult> {
    const decoded = decode(record, options);
    if (!decoded.ok) return { status: "rejected", code: decoded.code, message: decoded.message };
    try {
      await write([decoded.event]);
    } catch (error) {
      if (error instanceof TransientError) throw error;
      const message = error instanceof Error ? error.message : String(error);
      return { status: "rejected", code: "not_projectable", message };
    }
    await end(row);
    return { status: "done" };
  }

  /** Without a handler. What waits behind the letter may go on. */
  async function end(row: Row): Promise<void> {
    const record = { ...row, timestamp: row.created_at.getTime() };
    const item: Item = { from: "dead-letter", id: row.id, record, decoded: decode(record, options) };
    try {
      await commit(
        ports,
        { ...NOTHING, claim: { kind: "dead-letter", ids: [row.id] }, wakes: [behind({ name: row.consumer }, item)] },
        [],
      );
    } catch (error) {
      if (error instanceof Conflict) throw refused("dead_letter_closed", `dead letter ${row.id} was closed meanwhile`);
      throw error;
    }
  }

  return {
    async list(filter) {
      const rows = await ports.database.query<Row>(
        sql`select ${columns} from ${schema}.dead_letters
            where (${filter.tenant ?? null}::text is null or tenant = ${filter.tenant ?? null}::text) and (${filter.status ?? null}::text is null or status = ${filter.status ?? null}::text)
              and (${filter.code ?? null}::text is null or code = ${filter.code ?? null}::text) and (${filter.consumer ?? null}::text is null or consumer = ${filter.consumer ?? null}::text)
              and (${filter.cursor ?? null}::text is null or (created_at, id) < (select created_at, id from ${schema}.dead_letters where id = ${filter.cursor ?? null}::text and (${filter.tenant ?? null}::text is null or tenant = ${filter.tenant ?? null}::text)))
            order by created_at desc, id desc limit ${filter.limit + 1}::bigint`,
      );
      const items = rows.slice(0, filter.limit);
      return { items: items.map(told), cursor: rows.length > filter.limit ? (items.at(-1)?.id ?? null) : null };
    },

    async groups(tenant) {
      const rows = await ports.database.query<{
        code: string;
        consumer: string;
        event_type: string | null;
        count: number;
        oldest: Date;
      }>(
        sql`select code, consumer, event_type, count(*) as count, min(created_at) as oldest from ${schema}.dead_letters
            where status = 'open' and (${tenant ?? null}::text is null or tenant = ${tenant ?? null}::text) group by 1, 2, 3 order by 4 desc`,
      );
      return rows.map((row) => ({
        code: row.code,
        consumer: row.consumer,
        eventType: row.event_type,
        count: row.count,
        oldest: row.oldest.toISOString(),
      }));
    },

    async show(id, tenant) {
      const row = await find(id, tenant);
      return { ...told(row), value: row.value };
    },

    async retry(id, tenant) {
      const row = await open(id, tenant);
      return await handle(row, { ...row, timestamp: row.created_at.getTime() });
    },

    async close(id, because, tenant) {
      const row = await open(id, tenant);
      await end(row);
      // Only how it was closed: a crash before this leaves a letter that says it was retried.
      await ports.database.query(
        sql`update ${schema}.dead_letters set status = 'closed', closed_because = ${because} where id = ${id} and status = 'retried'`,
      );
      return told({ ...row, status: "closed", closed_because: because });
    },

    async replace(id, event, tenant) {
      const row = await open(id, tenant);
      const eventId = newId();
      const value = JSON.stringify({
        ...event,
        id: eventId,
        causationid: row.event_id ?? row.id,
        tenantid: row.tenant,
      });
      const headers = { ...row.headers, ce_id: eventId };
      const record: BusRecord = { ...row, headers, value, timestamp: ports.clock.now() };
      const decoded = decode(record, options);
      if (!decoded.ok) throw refused(decoded.code, decoded.message);
      const result = await handle(row, record);
      // Only how it was closed: a crash before this leaves a letter that says it was retried.
      await ports.database.query(
        sql`update ${schema}.dead_letters set status = 'replaced', replaced_by = ${eventId} where id = ${id} and status = 'retried'`,
      );
      return { ...result, eventId };
    },
  };
}

const told = (row: Row): DeadLetter => ({
  id: row.id,
  consumer: row.consumer,
  tenant: row.tenant,
  topic: row.topic,
  partition: row.partition,
  offset: row.offset,
  key: row.key,
  eventId: row.event_id,
  eventType: row.event_type,
  code: row.code,
  message: row.message,
  status: row.status,
  replacedBy: row.replaced_by,
  closedBecause: row.closed_because,
  createdAt: row.created_at.toISOString(),
});

const refused = (code: MessagingCode, message: string) => new RejectedError(code, message, { publicMessage: message });
