import { execFile } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { OutgoingRecord } from "@opsdesk/messaging/bus";
import { kafkaBus } from "@opsdesk/messaging/kafka-bus";
import { temporaryFolder } from "@opsdesk/servers";
import { type Stack, startStack } from "../stack/stack.ts";
import { type Comparison, compare, sideOf } from "./compare.ts";
import { copies, type Stores } from "./copies.ts";
import { deskOf, sourceRetired, sourceSubmitted } from "./knowledge-chain.ts";
import { rowsOf } from "./read-stores.ts";
import { lose, spoil } from "./spoil.ts";
import { TENANTS, ticketChain } from "./ticket-chain.ts";

const PROGRAM = fileURLToPath(new URL("../../apps/opsdesk/src/main.ts", import.meta.url));
const REBUILDS = [
  { service: "retrieval", projection: "search" },
  { service: "retrieval", projection: "graph" },
  { service: "analytics", projection: "search" },
] as const;
/** Of tickets, in one send. */
const BATCH = 250;
const TICKETS_PER_SOURCE = 50;
const STILL_MS_MAX = 5 * 60_000;
const TELL_EVERY_MS = 10_000;

interface RebuildOptions {
  readonly tickets: number;
  readonly seed: number;
  /** Data, logs, and how far it came: what takes long is not done again after something later failed. */
  readonly folder?: string;
  readonly say: (line: string) => void;
}

interface Progress {
  readonly tickets: number;
  readonly seed: number;
  readonly eventsPublished: number;
  readonly secondsToFill: number;
  readonly live?: Comparisons;
}
type Comparisons = Readonly<Record<string, Comparison>>;

interface RebuildAnswer {
  readonly state: string;
  readonly events: number;
  readonly unreadable: number;
  readonly refused: number;
}

/**
 * Publishes the chains of so many tickets, lets the services take them into their slices of Postgres and into OpenSearch
 * and Neo4j, compares each copy with Postgres, row by row, loses both stores, has `opsdesk rebuild` make every projection
 * again from the topics, compares again, and spoils the copies, which must be noticed.
 */
export async function measureRebuild(options: RebuildOptions): Promise<object> {
  const { tickets, seed, say } = options;
  const folder = options.folder ?? temporaryFolder();
  const file = join(folder, "progress.json");
  let progress = progressIn(folder, file, options);
  const reached = (more: Partial<Progress>): Progress => {
    progress = { ...progress, ...more } as Progress;
    writeFileSync(file, JSON.stringify(progress));
    return progress;
  };
  const stack = await startStack({
    folder,
    say,
    ownServers: true,
    // The owners of the projections, and the read model that holds in Postgres what they copy from the topics.
    only: ["retrieval", "analytics", "console"],
    environment: { LOG_LEVEL: "warn" },
    receiver: () => Promise.resolve("127.0.0.1:9"),
  });
  try {
    if (progress === undefined) {
      const { result, seconds } = await timed(() => fill(stack, options));
      reached({ tickets, seed, eventsPublished: result, secondsToFill: seconds });
    }
    if (progress?.live === undefined) {
      say("Comparing what the services have written while the events came.");
      reached({ live: await compared(stack.servers, say) });
    }
    const { live = {}, eventsPublished, secondsToFill } = reached({});
    await lose(stack.servers);
    const rebuilds: Record<string, RebuildAnswer & { readonly seconds: number; readonly eventsPerSecond: number }> = {};
    for (const { service, projection } of REBUILDS) {
      const { result, seconds } = await timed(() => rebuild(stack, service, projection));
      rebuilds[`${service} ${projection}`] = {
        ...result,
        seconds,
        eventsPerSecond: Math.round(result.events / seconds),
      };
      say(`${service} ${projection}: ${result.events} events in ${seconds} s.`);
    }
    const rebuilt = await timed(() => compared(stack.servers, say));
    say("Taking one thing out of each and changing another, which must be noticed.");
    await spoil(stack.servers);
    const spoilt = await compared(stack.servers, say);
    const unnoticed = Object.keys(spoilt).filter((name) => spoilt[name]?.equal === true);
    const passed =
      unnoticed.length === 0 &&
      [live, rebuilt.result].every((all) => Object.values(all).every(({ equal }) => equal)) &&
      Object.values(rebuilds).every(({ state, refused, unreadable }) => state === "done" && refused + unreadable === 0);
    return {
      passed,
      tickets,
      seed,
      eventsPublished,
      secondsToFill,
      secondsToCompare: rebuilt.seconds,
      rebuilds,
      live: told(live),
      spoiltUnnoticed: unnoticed,
      spoilt: told(spoilt),
      rebuilt: told(rebuilt.result),
    };
  } finally {
    await stack.stop();
    if (options.folder !== undefined) say(`Data, logs and progress are in ${folder}`);
  }
}

function progressIn(folder: string, file: string, { tickets, seed }: RebuildOptions): Progress | undefined {
  if (!existsSync(file)) {
    if (existsSync(folder) && readdirSync(folder).length > 0)
      throw new Error(`${folder} is not empty, and no run filled it to its end: give an empty folder`);
    return undefined;
  }
  const progress = JSON.parse(readFileSync(file, "utf8")) as Progress;
  if (progress.tickets !== tickets || progress.seed !== seed)
    throw new Error(`${folder} holds ${progress.tickets} tickets of seed ${progress.seed}: ask for those`);
  return progress;
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly seconds: number }> {
  const startedAt = performance.now();
  const result = await work();
  return { result, seconds: Math.round((performance.now() - startedAt) / 100) / 10 };
}

/** Desks and knowledge first, then all tickets; answers how many events that was. */
async function fill(stack: Stack, { tickets, seed, say }: RebuildOptions): Promise<number> {
  const bus = kafkaBus({
    connection: stack.kafka,
    name: "opsdesk.measure",
    lingerMs: 0,
    onTrouble: (message) => say(message),
  });
  let published = 0;
  const publish = async (records: readonly OutgoingRecord[]): Promise<void> => {
    await bus.send(records);
    published += records.length;
  };
  const now = Date.now();
  const sources = Math.max(20, Math.ceil(tickets / TICKETS_PER_SOURCE / TENANTS.length));
  const everySource = (made: (tenant: string, n: number) => OutgoingRecord, of: (n: number) => boolean) =>
    TENANTS.flatMap((tenant) =>
      Array.from({ length: sources }, (_, n) => n)
        .filter(of)
        .map((n) => made(tenant, n)),
    );
  try {
    await publish(TENANTS.map((tenant) => deskOf(tenant, now)));
    await publish(
      everySource(
        (tenant, n) => sourceSubmitted(tenant, n, 1, now),
        () => true,
      ),
    );
    await idle(stack);
    await publish(
      everySource(
        (tenant, n) => sourceSubmitted(tenant, n, 2, now),
        (n) => n % 4 === 0,
      ),
    );
    await idle(stack);
    await publish(
      everySource(
        (tenant, n) => sourceRetired(tenant, n, now),
        (n) => n % 10 === 1,
      ),
    );
    await idle(stack);
    let toldAt = performance.now();
    for (let from = 0; from < tickets; from += BATCH) {
      const chains = Array.from({ length: Math.min(BATCH, tickets - from) }, (_, n) => from + n);
      await publish(chains.flatMap((n) => ticketChain(n, { seed, tickets, until: now })));
      if (performance.now() - toldAt < TELL_EVERY_MS) continue;
      toldAt = performance.now();
      say(`${published} events published, of ${from} tickets.`);
    }
  } finally {
    await bus.close();
  }
  say(`${published} events published; the services take them in.`);
  await held(stack, tickets, say);
  await idle(stack);
  return published;
}

const HELD = `select (select count(*)::int from console.stories where reference is not null and retrieved_at is not null) as id,
  (select count(*)::int from console.events)`;

/** Until every ticket is in the read model and retrieval has answered for it; gives up when nothing moves any more. */
async function held(stack: Stack, tickets: number, say: (line: string) => void): Promise<void> {
  let last = "";
  for (let movedAt = performance.now(); ;) {
    let answered = 0;
    let seen = "";
    for await (const { id, values } of rowsOf(stack.servers.postgres.url, HELD)) {
      answered = Number(id);
      seen = `${id} tickets answered, ${String(values[0])} events held`;
    }
    if (seen !== last) movedAt = performance.now();
    last = seen;
    if (answered >= tickets) return;
    if (performance.now() - movedAt > STILL_MS_MAX) throw new Error(`the services stand still: ${seen}`);
    say(seen);
    await sleep(TELL_EVERY_MS);
  }
}

/** Twice in a row: work may be between two services at the first look. */
async function idle(stack: Stack): Promise<void> {
  for (let calm = 0; calm < 2;) {
    const { ok } = await fetch(`${stack.gateway.url}/idlez`);
    calm = ok ? calm + 1 : 0;
    await sleep(250);
  }
}

async function compared(stores: Stores, say: (line: string) => void): Promise<Comparisons> {
  const all: Record<string, Comparison> = {};
  // One after the other: each side of the largest is a million rows.
  for (const { name, source, copy } of copies) {
    const found = compare(await sideOf(source(stores)), await sideOf(copy(stores)));
    all[name] = found;
    say(`${name}: ${found.equal ? `${found.source} equal` : "different"}`);
  }
  return all;
}

/** As an operator does it: the command, in a process of its own. */
async function rebuild(stack: Stack, service: string, projection: string): Promise<RebuildAnswer> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      PROGRAM,
      "rebuild",
      "--json",
      "--service",
      service,
      "--projection",
      projection,
      "--url",
      stack.gateway.url,
    ],
    { env: { ...process.env, OPSDESK_API_KEY: stack.secrets.installKey } },
  );
  const [answer] = (JSON.parse(stdout) as { items: readonly RebuildAnswer[] }).items;
  if (answer === undefined) throw new TypeError(`nothing was rebuilt: ${stdout}`);
  return answer;
}

/** Equal: the count and the checksum that both sides have. Otherwise everything that is known. */
const told = (all: Comparisons): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(all).map(([name, one]) => [
      name,
      one.equal ? { equal: true, count: one.source, checksum: one.checksums[0] } : one,
    ]),
  );
