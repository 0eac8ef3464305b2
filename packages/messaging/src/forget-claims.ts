import { type Database, type Sql, identifier, sql } from "@opsdesk/database";
import type { Bus, Position } from "./bus.ts";

export interface ForgetPorts {
  readonly service: string;
  readonly schema: string;
  readonly database: Database;
  readonly bus: Bus;
}

/** A group of this service, and which of its handlers reads which topic. */
export interface Consuming {
  readonly group: string;
  /** Topic to consumer. */
  readonly consumers: ReadonlyMap<string, string>;
}

const MARK_HOURS = 24;
/** Until every process of the service has surely read the floors: each does once an hour. */
const KNOWN_HOURS = 3;
const ROWS_MAX = 5_000;

/**
 * Forgets claims that are older than `keepDays`, and what is over and done with as long.
 *
 * A claim may only go when its event is surely behind: once a day it is written down where each partition ends (a mark).
 * When the newest mark that is old enough lies behind what the group has committed, everything that was claimed before
 * the mark is below it. That becomes the consumer's floor, and once every process knows the floor the claims go. A
 * consumer that is behind, or that was added later, has no such floor, and keeps its claims.
 */
export async function forgetClaims(
  ports: ForgetPorts,
  consuming: readonly Consuming[],
  keepDays: number,
): Promise<void> {
  const schema = identifier(ports.schema);
  for (const { consumers, group } of consuming) {
    if (consumers.size === 0) continue;
    // The clock of the claims, read before the ends: what is claimed by then lies below them.
    const [now] = await ports.database.query<{ now: Date }>(sql`select now() as now`);
    const positions = await ports.bus.positions(group, [...consumers.keys()]);
    await mark(ports.database, schema, positions, now?.now);
    await raiseFloors(ports.database, schema, { consumers, positions, keepDays });
  }
  await ports.database.query(
    sql`delete from ${schema}.inbox_marks where marked_at < now() - make_interval(days => ${keepDays}::int + 7)`,
  );
  // The oldest mark that any partition of a consumer has its floor at, once all processes know it.
  await forget(
    ports.database,
    sql`delete from ${schema}.inbox where ctid = any(array(
          select i.ctid from (select consumer, min(marked_at) as at from ${schema}.inbox_floors group by consumer
            having max(raised_at) < now() - make_interval(hours => ${KNOWN_HOURS}::int)) f
          join ${schema}.inbox i on i.consumer = f.consumer and i.claimed_at < f.at limit ${ROWS_MAX}::bigint)) returning 1`,
  );
  // What a person or a clock asked for is in no topic that this service reads.
  await forget(
    ports.database,
    sql`delete from ${schema}.inbox where ctid = any(array(select ctid from ${schema}.inbox
          where consumer = ${`${ports.service}.publish`} and claimed_at < now() - make_interval(days => ${keepDays}::int) limit ${ROWS_MAX}::bigint)) returning 1`,
  );
  await forget(
    ports.database,
    sql`delete from ${schema}.dead_letters where id = any(array(select id from ${schema}.dead_letters
          where status <> 'open' and closed_at < now() - make_interval(days => ${keepDays}::int) limit ${ROWS_MAX}::bigint)) returning 1`,
  );
}

const mark = (database: Database, schema: Sql, positions: readonly Position[], at: Date | undefined) =>
  database.query(
    sql`insert into ${schema}.inbox_marks (marked_at, topic, "partition", end_offset)
        select ${at?.toISOString() ?? null}::timestamptz, t, p, e from unnest(${positions.map(({ topic }) => topic)}::text[], ${positions.map(({ partition }) => partition)}::int[],
          ${positions.map(({ end }) => end)}::bigint[]) u(t, p, e)
        where not exists (select from ${schema}.inbox_marks m where m.topic = t and m.marked_at > now() - make_interval(hours => ${MARK_HOURS}::int))
        on conflict do nothing`,
  );

/** All partitions of a consumer or none: its claims do not say which partition they are from. */
const raiseFloors = (
  database: Database,
  schema: Sql,
  {
    consumers,
    keepDays,
    positions,
  }: { consumers: ReadonlyMap<string, string>; positions: readonly Position[]; keepDays: number },
) =>
  database.query(
    sql`with place as (
          select * from unnest(${positions.map(({ topic }) => consumers.get(topic) ?? "")}::text[], ${positions.map(({ topic }) => topic)}::text[],
            ${positions.map(({ partition }) => partition)}::int[], ${positions.map(({ committed }) => committed)}::bigint[]) u(consumer, topic, "partition", committed)
        ), old as (
          select p.*, m.end_offset, m.marked_at from place p left join lateral (
            select end_offset, marked_at from ${schema}.inbox_marks m where m.topic = p.topic and m."partition" = p."partition"
              and m.marked_at < now() - make_interval(days => ${keepDays}::int) order by m.marked_at desc limit 1) m on true
        ), passed as (
          select consumer from old group by consumer having bool_and(coalesce(committed >= end_offset, false))
        )
        insert into ${schema}.inbox_floors as f (consumer, topic, "partition", "offset", marked_at, raised_at)
        select consumer, topic, "partition", end_offset, marked_at, now() from old where consumer in (select consumer from passed)
        on conflict (consumer, topic, "partition") do update set "offset" = excluded."offset", marked_at = excluded.marked_at, raised_at = now()
          where f.marked_at < excluded.marked_at`,
  );

/** A part at a time, so that nothing is locked for long. */
async function forget(database: Database, statement: Sql): Promise<void> {
  for (;;) if ((await database.query(statement)).length < ROWS_MAX) return;
}
