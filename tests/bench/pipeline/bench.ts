import { once } from "node:events";
import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type KafkaServer, type PostgresServer, startKafka, startPostgres, temporaryFolder } from "@opsdesk/servers";
import pg from "pg";
import { cpuMsOfTree } from "../cpu.ts";
import { type Window, kindsOfWork, parted } from "../kinds-of-work.ts";
import { coresTakenByOthers, isBusy } from "../machine.ts";
import { profilesOf, profilingOptions } from "../profiling.ts";
import type { ChildMessage, ChildTask } from "./child.ts";
import type { Load, Measured } from "./driver.ts";
import type { OwnServer, System } from "./system.ts";
import { SYSTEMS } from "./systems.ts";

export interface PipelineRun extends Measured {
  readonly system: string;
  readonly load: Load;
  readonly round: number;
  /** A ticket, by who spent it; null where this machine does not tell. The broker, or what a system has in its place. */
  readonly cpuMs: { readonly process: number; readonly postgres: number | null; readonly broker: number | null };
  readonly commitsPerTicket: number;
  /** Of the write-ahead log. */
  readonly syncsPerTicket: number;
  /** Of the process with the five steps. */
  readonly rssPeakMb: number;
  /** Cores that others took just before: such a run is reported and not used. */
  readonly coresTakenByOthers: number;
  readonly used: boolean;
}

export interface KillCheck {
  readonly system: string;
  readonly kills: number;
  /** Submissions that had been acknowledged before the last kill. */
  readonly acknowledged: number;
  /** Rows of effects by step, when nothing moved any more. */
  readonly stored: readonly number[];
  readonly passed: boolean;
}

export interface Servers {
  readonly kafka: KafkaServer;
  readonly postgres: PostgresServer;
  stop(): Promise<void>;
}

/** Of our own to measure on; others may be shared with whatever else is tested. */
export async function startServers({ own }: { own: boolean }): Promise<Servers> {
  const folder = temporaryFolder();
  const [kafka, postgres] = await Promise.all([
    startKafka({ folder: join(folder, "kafka"), own }),
    startPostgres({ folder: join(folder, "postgres"), own }),
  ]);
  return {
    kafka,
    postgres,
    async stop() {
      await Promise.all([kafka.stop(), postgres.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface RunOptions {
  /** The number of its first ticket. */
  readonly first: number;
  readonly round: number;
  readonly warmUpSeconds: number;
  /** A folder for the profiles of its process, which cost some of what they show. */
  readonly profileTo?: string;
}

interface Ran {
  readonly run: PipelineRun;
  readonly next: number;
  readonly pid: number | undefined;
  readonly window: Window;
}

/** One system under one load, on a database that nothing was in before. */
export async function runOnce(
  servers: Servers,
  name: string,
  load: Load,
  { first, profileTo, round, warmUpSeconds }: RunOptions,
): Promise<Ran> {
  const system = systemOf(name);
  const databaseUrl = await emptyDatabase(servers.postgres.url);
  await using own = await ownServer(system);
  // What the system before has left in the page cache is not written at the expense of this one.
  spawnSync("sync");
  const taken = await coresTakenByOthers();
  const task = { system: name, databaseUrl, brokers: servers.kafka.brokers, addresses: own.addresses };
  const child = start({ ...task, load, warmUpSeconds, first }, profileTo);
  const figures = () => figuresOf(databaseUrl, servers.postgres.pid, own.pid ?? servers.kafka.pid);
  let before: Figures | undefined;
  let after: Figures | undefined;
  let result: Extract<ChildMessage, { kind: "measured" }> | undefined;
  child.on("message", (message: ChildMessage) => {
    void (async () => {
      if (message.kind === "begin") before = await figures();
      if (message.kind === "end") after = await figures();
      if (message.kind === "measured") result = message;
      else if (message.kind !== "acknowledged") child.send("go on");
    })();
  });
  const [code] = (await once(child, "exit")) as [number | null];
  if (result === undefined || before === undefined || after === undefined)
    throw new Error(`${name} ended with ${code} and without a result`);
  const { cpuMs, measured, next, rssPeakMb, window } = result;
  const tickets = Math.max(measured.tickets, 1);
  const spent = (from: number | undefined, to: number | undefined): number | null =>
    from === undefined || to === undefined ? null : Number(((to - from) / tickets).toFixed(3));
  return {
    next,
    window,
    pid: child.pid,
    run: {
      system: name,
      load,
      round,
      ...measured,
      cpuMs: {
        process: Number((cpuMs / tickets).toFixed(3)),
        postgres: spent(before.postgresMs, after.postgresMs),
        broker: spent(before.brokerMs, after.brokerMs),
      },
      commitsPerTicket: Number(((after.commits - before.commits) / tickets).toFixed(3)),
      syncsPerTicket: Number(((after.syncs - before.syncs) / tickets).toFixed(4)),
      rssPeakMb: Math.round(rssPeakMb),
      coresTakenByOthers: Number(taken.toFixed(2)),
      used: !isBusy(taken),
    },
  };
}

/** Milliseconds of CPU a ticket of a system's process, by kind of work: a run of its own. */
export async function profileOnce(
  servers: Servers,
  name: string,
  load: Load,
  options: Omit<RunOptions, "profileTo">,
): Promise<{ kinds: Readonly<Record<string, number>>; next: number }> {
  const folder = temporaryFolder();
  try {
    const { next, pid, run, window } = await runOnce(servers, name, load, { ...options, profileTo: folder });
    const threads = profilesOf(folder, pid).map((profile) => kindsOfWork(profile, window));
    return { next, kinds: parted(run.cpuMs.process, threads) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const KILLS = 3;
const SETTLED_MS_MAX = 120_000;
const KILL_LOAD = { kind: "closed", inFlight: 64, seconds: 600 } as const;

/** Kills a system while it works, starts it again, and counts: what was acknowledged must have gone through every step. */
export async function killCheck(
  servers: Servers,
  name: string,
  first: number,
): Promise<{ check: KillCheck; next: number }> {
  const system = systemOf(name);
  const databaseUrl = await emptyDatabase(servers.postgres.url);
  await using ownOne = await ownServer(system);
  const acknowledged = { tickets: 0 };
  let next = first;
  const begin = (load: Load): ChildProcess => {
    const child = start({
      system: name,
      databaseUrl,
      brokers: servers.kafka.brokers,
      addresses: ownOne.addresses,
      load,
      warmUpSeconds: 0,
      first: next,
    });
    let own = 0;
    child.on("message", (message: ChildMessage) => {
      if (message.kind === "acknowledged") {
        acknowledged.tickets += message.tickets - own;
        own = message.tickets;
      } else if (message.kind !== "measured") child.send("go on");
    });
    return child;
  };
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const child = begin(KILL_LOAD);
    const enough = acknowledged.tickets + 500;
    while (acknowledged.tickets < enough && child.exitCode === null) await sleep(50);
    await sleep(200 * kill);
    child.kill("SIGKILL");
    await once(child, "exit");
    next += 1_000_000;
  }
  // Whatever they left is taken up by processes that end in order.
  const end = Date.now() + SETTLED_MS_MAX;
  let stored: readonly number[] = [];
  let whole = false;
  while (!whole && Date.now() < end) {
    const child = begin({ kind: "closed", inFlight: 1, seconds: 10 });
    await once(child, "exit");
    next += 1_000_000;
    stored = await storedBy(system, databaseUrl);
    whole = Math.max(...stored) === Math.min(...stored) && Math.min(...stored) >= acknowledged.tickets;
  }
  return {
    check: { system: name, kills: KILLS, acknowledged: acknowledged.tickets, stored, passed: whole },
    next,
  };
}

function systemOf(name: string): System {
  const system = SYSTEMS[name];
  if (system === undefined) throw new TypeError(`no system ${name}`);
  return system;
}

interface Running extends AsyncDisposable {
  readonly addresses: OwnServer["addresses"];
  /** Of the system's own server. */
  readonly pid: number | undefined;
}

async function ownServer(system: System): Promise<Running> {
  const folder = temporaryFolder();
  const own = await system.server?.(folder);
  return {
    addresses: own?.addresses ?? {},
    pid: own?.server.pid,
    async [Symbol.asyncDispose]() {
      await own?.server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const start = (task: ChildTask, profileTo?: string): ChildProcess =>
  fork(join(import.meta.dirname, "child.ts"), [JSON.stringify(task)], {
    execArgv: [
      "--disable-warning=ExperimentalWarning",
      "--disable-warning=TimeoutNegativeWarning",
      ...(profileTo === undefined ? [] : profilingOptions(profileTo)),
    ],
    // Restate's SDK warns at each start that it does not verify signatures; graphile-worker tells of each job.
    env: { ...process.env, RESTATE_LOGGING: "ERROR", NO_LOG_SUCCESS: "1" },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });

interface Figures {
  readonly commits: number;
  readonly syncs: number;
  readonly postgresMs: number | undefined;
  readonly brokerMs: number | undefined;
}

async function figuresOf(
  databaseUrl: string,
  postgres: number | undefined,
  broker: number | undefined,
): Promise<Figures> {
  const [row] = await asked<{ commits: number; syncs: number }>(
    databaseUrl,
    `select (select xact_commit::float8 from pg_stat_database where datname = current_database()) as commits,
            (select coalesce(sum(fsyncs), 0)::float8 from pg_stat_io where object = 'wal') as syncs`,
  );
  return {
    commits: row?.commits ?? 0,
    syncs: row?.syncs ?? 0,
    postgresMs: cpuMsOfTree(postgres),
    brokerMs: cpuMsOfTree(broker),
  };
}

async function storedBy(system: System, databaseUrl: string): Promise<readonly number[]> {
  const rows = await asked<{ step: number; n: number }>(databaseUrl, `${system.effects} order by step`);
  return rows.map(({ n }) => n);
}

async function asked<Row extends pg.QueryResultRow>(url: string, text: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

async function emptyDatabase(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("drop database if exists bench with (force)");
    await client.query("create database bench");
    await client.query("checkpoint");
  } finally {
    await client.end();
  }
  const own = new URL(url);
  own.pathname = "/bench";
  return own.href;
}
