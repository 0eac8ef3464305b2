import type { Blobs } from "@opsdesk/blobs";
import type { Database } from "@opsdesk/database";
import type { AnyHandler, AnyJobStep, Clock, Offer, Projection, Publish } from "@opsdesk/messaging";
import type { Service } from "@opsdesk/schemas";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { Logger } from "pino";
import type { App } from "./http.ts";
import type { Meter } from "./metrics.ts";

/** The environment as a record: only `main.ts` reads `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What every service is given. It reaches other services by events alone. */
export interface Ports {
  readonly database: Database;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly log: Logger;
  readonly meter: Meter;
  /**
   * Runs one of this service's handlers for an input that came by HTTP, with the same claim, batching and
   * transaction as an event from a topic, and resolves after commit.
   */
  readonly offer: Offer;
  /** Publishes an event that no other event caused. */
  readonly publish: Publish;
  /** A figure of this service's own in `/metrics`. The name is full and unique: `opsdesk_<service>_…`. */
  readonly gauge: (name: string, help: string) => (value: number) => void;
}

/** What a service is made of; the runtime does the rest. */
export interface Parts {
  /** By name: `on-ticket-created`. The name is part of the inbox key, so renaming one is a migration. */
  readonly handlers: Readonly<Record<string, AnyHandler>>;
  readonly jobs?: readonly AnyJobStep[];
  /** Copies of events in other stores, by name; the name is part of the consumer group. */
  readonly projections?: Readonly<Record<string, Projection>>;
  readonly routes?: (app: App) => void;
  /** Who an API key belongs to; absent where a service has no routes. */
  readonly keys?: KeyDirectory;
  /** Work by the clock (sweeps, escalations): each runs alone, again and again. */
  readonly timers?: readonly Timer[];
  /**
   * Only after a restore, before anything is handled: what this service has published that its slice may not know. What
   * went out must not go out again, and what people were told must not be told otherwise.
   */
  readonly recovering?: (facts: readonly Envelope[]) => void;
  /** Before anything is consumed. */
  readonly start?: () => Promise<void>;
  readonly stop?: () => Promise<void>;
}

export interface Timer {
  readonly name: string;
  readonly everySeconds: number;
  readonly run: () => Promise<void>;
}

export interface KeyHolder {
  readonly keyId: string;
  readonly tenant: string;
  readonly scopes: readonly string[];
}

export interface KeyDirectory {
  /** The holder of the key with this SHA-256, or undefined. */
  find(sha256: string): Promise<KeyHolder | undefined>;
}

export interface ServiceDefinition<Config = unknown> {
  readonly name: Service;
  /** Its slice: schema name, with roles `<schema>_owner` and `<schema>_app`. */
  readonly schema: string;
  /** Folder of its own migrations; those of messaging come first. */
  readonly migrations: URL;
  /** How long an event may wait for others, in milliseconds, where people look and no service waits; absent: not at all. */
  readonly patienceMs?: number;
  /** Throws RejectedError `config_invalid` that lists every problem at once. */
  readonly configure: (environment: Environment) => Config;
  readonly wire: (config: Config, ports: Ports) => Parts;
}

/** Keeps a service's own configuration type between `configure` and `wire`, and forgets it outside. */
export const service = <Config>(definition: ServiceDefinition<Config>): ServiceDefinition =>
  definition as unknown as ServiceDefinition;
