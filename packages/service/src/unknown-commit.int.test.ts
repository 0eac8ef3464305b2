import { type Database, sql } from "@opsdesk/database";
import type { PgliteInstallation } from "@opsdesk/database/pglite";
import { openEmpty } from "@opsdesk/database/testing";
import { TransientError } from "@opsdesk/errors";
import { type Bus, systemClock } from "@opsdesk/messaging";
import { memoryBus } from "@opsdesk/messaging/memory-bus";
import { topicCatalogue } from "@opsdesk/schemas";
import { aMessage, counter } from "../fixture/counter.ts";
import { partsOf, recordOf, runtimeOf } from "../fixture/counter-parts.ts";
import { prepareSlices } from "./host.ts";

let installation: PgliteInstallation;
let bus: Bus;
beforeAll(async () => {
  installation = await openEmpty();
  await prepareSlices(installation, installation.as("postgres"), [counter()]);
  bus = memoryBus(systemClock);
  await bus.ensureTopics(topicCatalogue.map(({ name }) => ({ name, partitions: 1 })));
}, 60_000);
afterAll(async () => {
  await bus.close();
  await installation.close();
});

const isBatch = (text: string): boolean => text.includes("inbox (consumer");

/** The server commits, and the connection breaks before it can say so. */
function breaking(database: Database, next: { breaks: boolean }): Database {
  return {
    ...database,
    query: async (statement) => {
      const rows = await database.query(statement);
      if (next.breaks && isBatch(statement.render().text)) {
        next.breaks = false;
        throw new TransientError("database_unavailable", "the connection broke");
      }
      return rows as never;
    },
  };
}

const start = (next: { breaks: boolean }) =>
  runtimeOf(installation, bus, { database: breaking(installation.as("console_app"), next) });

const published = async (ticket: string): Promise<readonly number[]> => {
  const seen: number[] = [];
  for await (const { value } of bus.read({ topic: "ai.run.recorded.v1", from: { offset: 0 } })) {
    const { data } = JSON.parse(value) as { data: { ticketId: string; run: { inputTokens: number } } };
    if (data.ticketId === ticket) seen.push(data.run.inputTokens);
  }
  return seen;
};

it("publishes what may have been committed before what was committed after it", async () => {
  const next = { breaks: false };
  const runtime = start(next);
  const { handlers, jobs } = partsOf(installation);
  await runtime.start(handlers, jobs);
  const offer = (n: number) =>
    runtime.offer({
      handler: "on-ticket-message-added",
      type: "ticket.message_added",
      tenant: "it-helpdesk",
      source: "test",
      key: "tkt_1",
      data: aMessage("tkt_1", "hello", n).data,
      idempotencyKey: `offer-${n}`,
    });
  await offer(1);
  next.breaks = true;
  await expect(offer(2)).rejects.toMatchObject({ code: "database_unavailable" });
  await offer(3);
  while (!(await runtime.idle())) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await published("tkt_1")).toEqual([1, 2, 3]);
  await runtime.stop();
});

it("replays only what its group has behind it", async () => {
  const before = await bus.positions("opsdesk.console", ["ticket.message_added.v1"]);
  await bus.send([1, 2, 3].map((n) => recordOf(`evt-${n}`, aMessage("tkt_2", "hello", n).data)));
  const runtime = start({ breaks: false });
  const { handlers, jobs } = partsOf(installation);
  const held = Promise.withResolvers<void>();
  const onMessage = handlers["on-ticket-message-added"];
  if (onMessage === undefined) throw new TypeError("the counter has lost its handler");
  await runtime.start(
    {
      ...handlers,
      "on-ticket-message-added": {
        ...onMessage,
        load: async (read, events) => {
          await held.promise;
          return await onMessage.load?.(read, events);
        },
      },
    },
    jobs,
  );
  const { read } = await runtime.replay({
    from: { offset: 1 },
    dryRun: false,
    perSecondMax: 1_000,
    topic: "ticket.message_added.v1",
  });
  expect(read).toBe(Math.max(0, (before[0]?.committed ?? 0) - 1));
  held.resolve();
  while (!(await runtime.idle())) await new Promise((resolve) => setTimeout(resolve, 20));
  const [row] = await installation
    .as("console_app")
    .query<{ seen: number }>(sql`select seen from console.counts where ticket_id = 'tkt_2'`);
  expect(row).toEqual({ seen: 3 });
  await runtime.stop();
});
