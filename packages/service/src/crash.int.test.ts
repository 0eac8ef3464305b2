import { type Database, type Sql, migrate, provision, sql } from "@opsdesk/database";
import type { PgliteInstallation } from "@opsdesk/database/pglite";
import { openEmpty } from "@opsdesk/database/testing";
import { TransientError } from "@opsdesk/errors";
import type { Bus, Runtime } from "@opsdesk/messaging";
import { BUS_SCHEMA, busMigration, logBus } from "@opsdesk/messaging/log-bus";
import { memoryBus } from "@opsdesk/messaging/memory-bus";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { aMessage, counter } from "../fixture/counter.ts";
import { partsOf, recordOf, runtimeOf } from "../fixture/counter-parts.ts";
import { prepareSlices } from "./host.ts";

/**
 * What a kill may leave behind, between any two steps of a batch: the process is replaced by a new one that finds
 * only the database and the bus. Whatever the step, each event takes effect once and its event is published.
 */
const POINTS = [
  "before the commit",
  "after the commit",
  "before the send",
  "after the send",
  "before the offset",
] as const;
type Point = (typeof POINTS)[number];

const BUSES = ["memory bus with outbox", "log bus with outbox", "log bus in the transaction"] as const;
const TICKETS = 5;
const EACH = 6;

let installation: PgliteInstallation;
beforeAll(async () => {
  installation = await openEmpty();
  await provision(installation.as("postgres"), BUS_SCHEMA);
  await migrate(installation, { schema: BUS_SCHEMA, migrations: [{ name: "0001_log", text: busMigration }] });
  await prepareSlices(installation, installation.as("postgres"), [counter()]);
}, 60_000);
afterAll(() => installation.close());

/** Dies at the n-th time that a point is passed: from then on nothing it asks for happens. */
class Process {
  #left: number;
  readonly #point: Point | undefined;
  dead = false;
  constructor(point: Point | undefined, after: number) {
    this.#point = point;
    this.#left = after;
  }
  pass(point: Point): void {
    if (this.dead) throw new TransientError("killed", "this process is dead");
    if (point !== this.#point) return;
    this.#left -= 1;
    if (this.#left > 0) return;
    this.dead = true;
    throw new TransientError("killed", `killed ${point}`);
  }
}

const isBatch = (statement: Sql): boolean => statement.render().text.includes("inbox (consumer");

function mortalDatabase(database: Database, process: Process): Database {
  return {
    execute: (text, values) => {
      if (process.dead) return Promise.reject(new TransientError("killed", "this process is dead"));
      return database.execute(text, values);
    },
    query: async (statement) => {
      if (process.dead) throw new TransientError("killed", "this process is dead");
      if (!isBatch(statement)) return await database.query(statement);
      process.pass("before the commit");
      const rows = await database.query(statement);
      process.pass("after the commit");
      return rows as never;
    },
    transaction: async (work) => {
      process.pass("before the commit");
      const result = await database.transaction(work);
      process.pass("after the commit");
      return result;
    },
  };
}

function mortalBus(bus: Bus, process: Process): Bus {
  return {
    ...bus,
    send: async (records) => {
      process.pass("before the send");
      await bus.send(records);
      process.pass("after the send");
    },
    subscribe: (options) =>
      bus.subscribe({
        ...options,
        onBatch: (batch) =>
          options.onBatch({
            ...batch,
            commit: (next) => {
              try {
                process.pass("before the offset");
                batch.commit(next);
              } catch {
                // A dead process commits nothing; its loop is about to find that out.
              }
            },
          }),
      }),
  };
}

const start = (bus: Bus, process: Process): Runtime =>
  runtimeOf(installation, mortalBus(bus, process), {
    database: mortalDatabase(installation.as("console_app"), process),
    batchMax: 7,
    relayAfterSeconds: 0.2,
  });

async function freshBus(kind: (typeof BUSES)[number]): Promise<Bus> {
  await installation.as("bus_owner").query(sql`truncate bus.records, bus.partitions, bus.group_offsets`);
  await installation
    .as("console_owner")
    .execute("truncate console.counts, console.inbox, console.outbox, console.deferred_events, console.dead_letters");
  await installation
    .as("console_jobs_owner")
    .execute("delete from console_jobs.job")
    .catch(() => undefined);
  const bus =
    kind === "memory bus with outbox"
      ? memoryBus()
      : logBus({
          database: installation.as("bus_app"),
          transactional: kind === "log bus in the transaction",
          lingerMs: 0,
          onError: () => undefined,
        });
  await bus.ensureTopics(
    ["ticket.message_added.v1", "ai.run.recorded.v1", "desk.configured.v1", "dead_letter.parked.v1"].map((name) => ({
      name,
      partitions: 2,
    })),
  );
  return bus;
}

const isComplete = async (): Promise<boolean> => {
  const rows = await installation
    .as("console_app")
    .query<{ seen: number; worked: number }>(sql`select seen, worked from console.counts`);
  return rows.length === TICKETS && rows.every((row) => row.seen >= EACH && row.worked >= EACH / 2);
};

async function until(what: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await what())) {
    if (Date.now() > end) throw new Error("it never happened");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe.each(BUSES)("killed and started again on a %s", (kind) => {
  const points = POINTS.filter((point) => kind !== "log bus in the transaction" || !point.endsWith("send"));
  it.each(points.flatMap((point) => [1, 3].map((times) => [point, times] as const)))(
    "%s, the %d. time: everything once, in order, and published",
    async (point, times) => {
      const bus = await freshBus(kind);
      const messages = Array.from({ length: TICKETS * EACH }, (_, n) => ({
        ...aMessage(`tkt_${n % TICKETS}`, n % 2 === 0 ? "work" : "hello", Math.floor(n / TICKETS) + 1),
        id: `evt-${n}`,
      }));
      await bus.send(messages.map((message) => recordOf(message.id, message.data)));

      const parts = partsOf(installation);
      const victim = new Process(point, times);
      const first = start(bus, victim);
      await first.start(parts.handlers, parts.jobs).catch(() => undefined);
      await until(async () => victim.dead || (await isComplete()));
      expect(victim.dead).toBe(true);
      await first.stop().catch(() => undefined);

      const second = start(bus, new Process(undefined, 0));
      await second.start(parts.handlers, parts.jobs);
      await until(isComplete);
      const published = await until(async () => (await runsIn(bus)).size >= TICKETS * EACH).then(() => runsIn(bus));
      await second.stop();

      const rows = await installation
        .as("console_app")
        .query<{ seen: number; worked: number }>(sql`select seen, worked from console.counts`);
      expect(rows.map((row) => row.seen)).toEqual(Array.from({ length: TICKETS }, () => EACH));
      expect(rows.reduce((sum, row) => sum + row.worked, 0)).toBe((TICKETS * EACH) / 2);
      // Published at least once each, and the first sight of each ticket's events is in order.
      expect(published.size).toBe(TICKETS * EACH);
      for (let ticket = 0; ticket < TICKETS; ticket += 1) {
        const counts = [...published.values()].filter((run) => run.ticketId === `tkt_${ticket}`).map((run) => run.seen);
        expect(counts).toEqual(Array.from({ length: EACH }, (_, n) => n + 1));
      }
      await bus.close();
    },
  );
});

/** What was published, by event id, in the order of first sight. */
async function runsIn(bus: Bus): Promise<ReadonlyMap<string, { ticketId: string; seen: number }>> {
  const found = new Map<string, { ticketId: string; seen: number }>();
  for await (const record of bus.read({ topic: "ai.run.recorded.v1", from: { offset: 0 } })) {
    const event = JSON.parse(record.value) as Envelope<{ ticketId: string; run: { inputTokens: number } }>;
    if (!found.has(event.id)) found.set(event.id, { ticketId: event.data.ticketId, seen: event.data.run.inputTokens });
  }
  return found;
}
