import { type Database, type Sql, sql } from "@opsdesk/database";
import { RejectedError } from "@opsdesk/errors";
import type { AppendedRow, Bus, BusRecord, OutgoingRecord, Position } from "./bus.ts";
import { LogTail } from "./log-tail.ts";
import { Growth, type PartitionSource, partitionOf, subscribeToPartitions } from "./partition-loop.ts";

/** The slice that holds the log; its own role is `bus_app`. */
export const BUS_SCHEMA = "bus";

/**
 * `append` gives offsets under a lock of each partition's row, held until commit: with ids from a sequence a reader
 * could pass a record that commits late, and lose it. Rows are locked in a fixed order, so appends never deadlock.
 */
export const busMigration = `
  create table bus.partitions (
    topic text not null,
    "partition" integer not null,
    next_offset bigint not null default 0,
    primary key (topic, "partition")
  );
  create table bus.records (
    topic text not null,
    "partition" integer not null,
    "offset" bigint not null,
    key text,
    headers text not null,
    value text not null,
    stored_at timestamptz not null default clock_timestamp(),
    primary key (topic, "partition", "offset")
  );
  alter table bus.records alter column value set storage external;
  create index records_by_time on bus.records using brin (stored_at);
  create table bus.group_offsets (
    group_name text not null,
    topic text not null,
    "partition" integer not null,
    next_offset bigint not null,
    primary key (group_name, topic, "partition")
  );

  create function bus.append(topics text[], partitions integer[], keys text[], headers text[], bodies text[])
  returns table (topic text, "partition" integer, base bigint)
  language plpgsql security definer set search_path = pg_catalog as $$
  begin
    perform 1 from bus.partitions p
      where (p.topic, p."partition") in (select distinct u.t, u.n from unnest(topics, partitions) u(t, n))
      order by p.topic, p."partition" for update;
    return query
      with counted as (select u.t, u.n, count(*) as c from unnest(topics, partitions) u(t, n) group by 1, 2),
      moved as (
        update bus.partitions p set next_offset = p.next_offset + counted.c from counted
        where p.topic = counted.t and p."partition" = counted.n
        returning p.topic as t, p."partition" as n, p.next_offset - counted.c as b, counted.c
      ),
      written as (
        insert into bus.records (topic, "partition", "offset", key, headers, value)
        select u.t, u.n, m.b + row_number() over (partition by u.t, u.n order by u.o) - 1, u.k, u.h, u.v
        from unnest(topics, partitions, keys, headers, bodies) with ordinality u(t, n, k, h, v, o) join moved m on m.t = u.t and m.n = u.n
        returning 1
      )
      select m.t, m.n, m.b from moved m where (select count(*) from written) = cardinality(topics);
    if not found then raise exception 'a record was sent to a topic that was never declared'; end if;
  end $$;
  grant usage on schema bus to public;
  grant execute on function bus.append(text[], integer[], text[], text[], text[]) to public;
`;

const COMMIT_MS = 200;
const POLL_MS = 1_000;

export interface LogBusOptions {
  readonly database: Database;
  /** Publishing is part of the service's own transaction; without it, services use their outbox as with a broker. */
  readonly transactional: boolean;
  readonly onError: (error: unknown) => void;
  /** How long a busy consumer waits for a larger batch. */
  readonly lingerMs: number;
}

/** The bus as a durable log in Postgres. */
export function logBus(options: LogBusOptions): Bus {
  const { database } = options;
  const counts = new Map<string, number>();
  const tail = new LogTail();
  const growth = new Growth();
  const committed = new Map<string, { group: string; topic: string; partition: number; next: number }>();
  const stops = new Set<() => Promise<void>>();
  let turn = 0;

  const countOf = (topic: string): number => {
    const count = counts.get(topic);
    if (count === undefined) throw new RejectedError("topic_unknown", `topic ${topic} was never declared`);
    return count;
  };
  const partitionFor = (record: OutgoingRecord): number =>
    record.key === null ? (turn += 1) % countOf(record.topic) : partitionOf(record.key, countOf(record.topic));

  /** Partitions chosen for records that are being appended: round robin must choose once. */
  const chosen = new WeakMap<OutgoingRecord, number>();
  const choose = (record: OutgoingRecord): number => {
    const partition = chosen.get(record) ?? partitionFor(record);
    chosen.set(record, partition);
    return partition;
  };

  const append = (records: readonly OutgoingRecord[]): Sql =>
    sql`select * from bus.append(${records.map((record) => record.topic)}::text[], ${records.map(choose)}::int[], ${records.map((record) => record.key)}::text[],
          ${records.map((record) => JSON.stringify(record.headers))}::text[], ${records.map((record) => record.value)}::text[])`;

  const taken = (records: readonly OutgoingRecord[], rows: readonly AppendedRow[]): void => {
    const next = new Map(rows.map((row) => [`${row.topic}/${row.partition}`, row.base]));
    const timestamp = Date.now();
    for (const record of records) {
      const partition = choose(record);
      const place = `${record.topic}/${partition}`;
      const offset = next.get(place);
      if (offset === undefined) continue;
      next.set(place, offset + 1);
      tail.add(place, { ...record, partition, offset, timestamp });
    }
    for (const place of next.keys()) growth.wake(place);
  };

  async function flushCommits(): Promise<void> {
    if (committed.size === 0) return;
    const rows = [...committed.values()];
    committed.clear();
    await database.query(
      sql`insert into bus.group_offsets as g (group_name, topic, "partition", next_offset)
          select * from unnest(${rows.map((row) => row.group)}::text[], ${rows.map((row) => row.topic)}::text[], ${rows.map((row) => row.partition)}::int[],
            ${rows.map((row) => row.next)}::bigint[])
          on conflict (group_name, topic, "partition") do update set next_offset = greatest(g.next_offset, excluded.next_offset)`,
    );
  }

  /** Sees what other processes have appended. */
  async function poll(): Promise<void> {
    // Its tables may not be there before its topics are declared.
    if (counts.size === 0) return;
    const rows = await database.query<{ topic: string; partition: number; next_offset: number }>(
      sql`select topic, "partition", next_offset from bus.partitions where next_offset > 0`,
    );
    for (const row of rows)
      if (tail.raiseEnd(`${row.topic}/${row.partition}`, row.next_offset)) growth.wake(`${row.topic}/${row.partition}`);
  }
  const commitTimer = setInterval(() => void flushCommits().catch(options.onError), COMMIT_MS);
  const pollTimer = setInterval(() => void poll().catch(options.onError), POLL_MS);
  commitTimer.unref();
  pollTimer.unref();

  const source: PartitionSource = {
    partitions: async (topic) => countOf(topic),
    async committed(group, topics) {
      const rows = await database.query<{ topic: string; partition: number; next_offset: number }>(
        sql`select topic, "partition", next_offset from bus.group_offsets where group_name = ${group} and topic = any(${topics}::text[])`,
      );
      return new Map(rows.map((row) => [`${row.topic}/${row.partition}`, row.next_offset]));
    },
    async end(topic, partition) {
      const [row] = await database.query<{ next_offset: number }>(
        sql`select next_offset from bus.partitions where topic = ${topic} and "partition" = ${partition}::int`,
      );
      return row?.next_offset ?? 0;
    },
    async fetch(topic, partition, from, max) {
      const place = `${topic}/${partition}`;
      if (tail.end(place) <= from) return [];
      return tail.take(place, from, max) ?? (await readRecords(database, topic, partition, from, max));
    },
    wait: (topic, partition, from, signal) => {
      const place = `${topic}/${partition}`;
      return tail.end(place) > from ? Promise.resolve() : growth.wait(place, signal, 5_000);
    },
    commit: (group, topic, partition, next) =>
      void committed.set(`${group}/${topic}/${partition}`, { group, topic, partition, next }),
    flushCommits,
    lingerMs: options.lingerMs,
  };

  return {
    system: "opsdesk_log",
    async ensureTopics(topics) {
      await database.query(
        sql`insert into bus.partitions (topic, "partition")
            select t, n from unnest(${topics.map((topic) => topic.name)}::text[], ${topics.map((topic) => topic.partitions)}::int[]) u(t, c), generate_series(0, c - 1) n
            where not exists (select from bus.partitions p where p.topic = u.t)`,
      );
      const rows = await database.query<{ topic: string; partitions: number }>(
        sql`select topic, count(*) as partitions from bus.partitions group by topic`,
      );
      for (const row of rows) counts.set(row.topic, row.partitions);
      await poll();
    },
    async send(records) {
      if (records.length === 0) return;
      taken(records, await database.query<AppendedRow>(append(records)));
    },
    async subscribe(subscription) {
      const live = await subscribeToPartitions(source, subscription);
      const stop = (): Promise<void> => live.stop().finally(() => stops.delete(stop));
      stops.add(stop);
      return { ...live, stop };
    },
    async *read({ topic, from }) {
      for (let partition = 0; partition < countOf(topic); partition += 1) {
        const end = await source.end(topic, partition);
        let position = "offset" in from ? from.offset : 0;
        while (position < end) {
          const records = await readRecords(database, topic, partition, position, 500);
          for (const record of records)
            if (record.offset < end && ("offset" in from || record.timestamp >= from.time)) yield record;
          position = (records.at(-1)?.offset ?? end) + 1;
        }
      }
    },
    async lag(group, topics) {
      const rows = await database.query<{ topic: string; records: number; oldest_ms: number | null }>(
        sql`select p.topic, sum(p.next_offset - coalesce(g.next_offset, 0))::bigint as records, max(extract(epoch from clock_timestamp() - r.stored_at) * 1000)::float8 as oldest_ms
            from bus.partitions p left join bus.group_offsets g on g.group_name = ${group} and g.topic = p.topic and g."partition" = p."partition"
            left join bus.records r on r.topic = p.topic and r."partition" = p."partition" and r."offset" = coalesce(g.next_offset, 0)
            where p.topic = any(${topics}::text[]) group by p.topic`,
      );
      return new Map(rows.map((row) => [row.topic, { records: row.records, oldestMs: row.oldest_ms ?? 0 }]));
    },
    async positions(group, topics) {
      return await database.query<Position>(
        sql`select p.topic, p."partition", coalesce(g.next_offset, 0) as committed, p.next_offset as "end"
            from bus.partitions p left join bus.group_offsets g on g.group_name = ${group} and g.topic = p.topic and g."partition" = p."partition"
            where p.topic = any(${topics}::text[])`,
      );
    },
    async close() {
      await Promise.all([...stops].map((stop) => stop()));
      clearInterval(commitTimer);
      clearInterval(pollTimer);
      await flushCommits();
    },
    ...(options.transactional ? { inTransaction: { append, committed: taken } } : {}),
  };
}

async function readRecords(
  database: Database,
  topic: string,
  partition: number,
  from: number,
  max: number,
): Promise<readonly BusRecord[]> {
  const rows = await database.query<{
    offset: number;
    key: string | null;
    headers: string;
    value: string;
    stored_at: Date;
  }>(
    sql`select "offset", key, headers, value, stored_at from bus.records
        where topic = ${topic} and "partition" = ${partition}::int and "offset" >= ${from}::bigint order by "offset" limit ${max}::bigint`,
  );
  return rows.map((row) => ({
    topic,
    partition,
    offset: row.offset,
    key: row.key,
    // Written by this adapter as a flat object of strings.
    headers: JSON.parse(row.headers) as Record<string, string>,
    value: row.value,
    timestamp: row.stored_at.getTime(),
  }));
}
