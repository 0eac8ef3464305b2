import { identifier, sql } from "@opsdesk/database";
import type { BusRecord } from "./bus.ts";
import { type DecodeOptions, decode } from "./decode.ts";
import type { Consumer, Item } from "./item.ts";
import { type ProcessorPorts, processItems } from "./processor.ts";

interface DeferredRow {
  readonly seq: number;
  readonly consumer: string;
  readonly expired: boolean;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly headers: Record<string, string>;
  readonly value: string;
  readonly created_at: Date;
}

const ROWS_MAX = 500;

/**
 * Runs what has waited long enough. Of each key the oldest event decides when: what stands behind it follows in
 * the same batch, in order. Answers whether more may wait.
 */
export async function runDeferred(
  ports: ProcessorPorts,
  consumers: ReadonlyMap<string, Consumer>,
  options: DecodeOptions,
): Promise<boolean> {
  const schema = identifier(ports.schema);
  const rows = await ports.database.query<DeferredRow>(
    sql`with heads as (
          select distinct on (consumer, key) consumer, key, due_at from ${schema}.deferred_events
          where consumer = any(${[...consumers.keys()]}::text[]) order by consumer, key, seq
        ), due as (select consumer, key from heads where due_at <= now() order by due_at limit 100)
        select d.seq, d.consumer, d.give_up_at <= now() as expired, d.topic, d."partition", d."offset", d.key, d.headers, d.value, d.created_at
        from ${schema}.deferred_events d join due using (consumer, key) order by d.seq limit ${ROWS_MAX}::bigint`,
  );
  for (const [name, consumer] of consumers) {
    const items = rows
      .filter((row) => row.consumer === name)
      .map((row): Item => {
        const record: BusRecord = { ...row, timestamp: row.created_at.getTime() };
        return { from: "deferred", record, decoded: decode(record, options), seq: row.seq, expired: row.expired };
      });
    if (items.length > 0) await processItems(ports, consumer, items);
  }
  return rows.length === ROWS_MAX;
}

/** Whether an event has waited long enough, stands behind none that has not, and nobody has taken it up yet. */
export async function holdsDue({ database, schema }: Pick<ProcessorPorts, "database" | "schema">): Promise<boolean> {
  const [row] = await database.query<{ due: boolean }>(
    sql`select exists (select from (
          select distinct on (consumer, key) due_at from ${identifier(schema)}.deferred_events order by consumer, key, seq
        ) heads where due_at <= now()) as due`,
  );
  return row?.due === true;
}
