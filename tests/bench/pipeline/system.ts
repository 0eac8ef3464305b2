import type { Server } from "@opsdesk/servers";
import pg from "pg";

/** What goes in at the first step: about 2.5 KB as an event. */
export interface Ticket {
  readonly id: string;
  readonly text: string;
}

export interface Place {
  /** A database of its own, empty at the first start. */
  readonly databaseUrl: string;
  readonly brokers: readonly string[];
  /** What the system's own server is reached by, where it has one. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Called at least once a ticket, when what the fifth step tells has been told. */
  readonly onDone: (ticketId: string) => void;
}

export interface Pipeline {
  /** Resolves when the tickets are durable, whether or not anything runs yet. */
  submit(tickets: readonly Ticket[]): Promise<void>;
  /** Starts the five steps; resolves when they take work. */
  run(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * One way to build the same durable pipeline: five steps, each of which stores a ticket's text once, whatever is
 * repeated, and hands the ticket on; the fifth tells that it is done.
 */
export interface System {
  readonly title: string;
  /** How it was set up, and whose advice that is. */
  readonly settings: readonly string[];
  /** A server that it needs instead of the broker: a new one for each run, which outlives the process of the steps. */
  readonly server?: (folder: string) => Promise<OwnServer>;
  open(place: Place): Promise<Pipeline>;
  /** Effects that are stored, by step: a complete run has one of each ticket in each. SQL that answers (step, n, d). */
  readonly effects: string;
}

export interface OwnServer {
  readonly server: Server;
  readonly addresses: Readonly<Record<string, string>>;
}

/** The table of a step's effects, for systems that have nothing but Postgres, and the count of what is in them. */
export const effectsTables = (): string =>
  STEPS.map((step) => `create table if not exists effects_${step} (ticket text primary key, body text not null);`).join(
    "",
  );
export const effectsCount = (): string =>
  STEPS.map(
    (step) => `select ${step} as step, count(*)::int as n, count(distinct ticket)::int as d from effects_${step}`,
  ).join(" union all ");

/** Connections as our own services have them: what does not wait for an answer is sent at once. */
export function peerPool(databaseUrl: string, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString: databaseUrl, max, pipeline: true });
  // A connection that the server ends is replaced; unheard, it would end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => void client.on("error", () => undefined));
  return pool;
}

/** A step's effects in one statement, planned once for each connection. */
export const effectsOf = (step: number, tickets: readonly Ticket[]): pg.QueryConfig => ({
  name: `effects_${step}`,
  text: `insert into effects_${step} (ticket, body) select * from unnest($1::text[], $2::text[]) on conflict do nothing`,
  values: [tickets.map(({ id }) => id), tickets.map(({ text }) => text)],
});
export const effectOf = (step: number, { id, text }: Ticket): pg.QueryConfig => ({
  name: `effect_${step}`,
  text: `insert into effects_${step} (ticket, body) values ($1, $2) on conflict do nothing`,
  values: [id, text],
});

export const STEPS = [1, 2, 3, 4, 5] as const;
export const PARTITIONS = 6;
