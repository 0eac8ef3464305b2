import { type Database, identifier, sql } from "@opsdesk/database";
import type { Bus } from "./bus.ts";
import { type Publisher, parts } from "./publisher.ts";

interface OutboxRow {
  readonly seq: number;
  readonly topic: string;
  readonly key: string | null;
  readonly headers: Record<string, string>;
  readonly value: string;
}

export interface RelayPorts {
  readonly schema: string;
  readonly database: Database;
  readonly bus: Bus;
  readonly publisher: Publisher;
}

const ROWS_MAX = 500;

/**
 * Publishes outbox rows that nobody published from memory: what a crash or a bus outage left behind.
 *
 * Rows are read from the oldest on, never past a remembered id, since a row may commit after one with a higher id.
 * What this process has in hand it leaves out: a slow broker would be given all of it twice.
 * Two relays at once repeat each other's rows but never overtake within a key: each goes through all of them in order.
 * Answers whether to go on at once.
 */
export async function relayOnce(ports: RelayPorts, olderThanSeconds: number): Promise<boolean> {
  const schema = identifier(ports.schema);
  const seconds = ports.publisher.holding() ? 0 : olderThanSeconds;
  const refusedBefore = ports.publisher.refusals();
  await forgetPublished(ports);
  const rows = await ports.database.query<OutboxRow>(
    sql`select seq, topic, key, headers, value from ${schema}.outbox
        where created_at <= now() - make_interval(secs => ${seconds}) and seq <> all(${ports.publisher.inHand()}::bigint[])
        order by seq limit ${ROWS_MAX}::bigint`,
  );
  for (const part of parts(rows)) {
    await ports.bus.send(part);
    // One part after another: what the bus has taken is not sent again because it refuses what comes behind.
    await ports.database.query(
      sql`delete from ${schema}.outbox where seq = any(${part.map((row) => row.seq)}::bigint[])`,
    );
  }
  // All that was there has gone out, whoever wrote it; rows of other replicas come all the time.
  if (rows.length < ROWS_MAX) ports.publisher.resume(refusedBefore);
  // While it alone publishes, all that is written waits for it.
  return rows.length === ROWS_MAX || (rows.length > 0 && ports.publisher.holding());
}

/**
 * Deletes what was published from memory. It goes with the next batch's statement; while none comes, it goes by this,
 * before another replica, or the next process, takes it for left behind and publishes it again.
 */
export async function forgetPublished(ports: RelayPorts): Promise<void> {
  const published = ports.publisher.takePublished();
  if (published.length === 0) return;
  await ports.database
    .query(sql`delete from ${identifier(ports.schema)}.outbox where seq = any(${published}::bigint[])`)
    .catch((error: unknown) => {
      ports.publisher.putBack(published);
      throw error;
    });
}

/** Whether events wait that are not known to be published. */
export async function outboxHolds(ports: RelayPorts): Promise<boolean> {
  const rows = await ports.database.query(
    sql`select 1 as one from ${identifier(ports.schema)}.outbox where seq <> all(${ports.publisher.peekPublished()}::bigint[]) limit 1`,
  );
  return rows.length > 0;
}
