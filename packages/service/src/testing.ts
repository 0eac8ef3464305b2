import { memoryBlobs } from "@opsdesk/blobs/memory";
import type { Read, Sql } from "@opsdesk/database";
import type { PgliteInstallation } from "@opsdesk/database/pglite";
import { openPrepared } from "@opsdesk/database/testing";
import { idFor, newId, sha256Hex } from "@opsdesk/identity";
import type { Bus, OfferInput, OfferResult, Runtime } from "@opsdesk/messaging";
import { memoryBus } from "@opsdesk/messaging/memory-bus";
import { type EventType, checkProduced, contractOf, edgeTopicsOf, topicCatalogue } from "@opsdesk/schemas";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { Environment, ServiceDefinition } from "./definition.ts";
import { type Lane, host, migrationsOf, prepareSlices } from "./host.ts";
import type { App } from "./http.ts";
import { createLog } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { createServer } from "./server.ts";

/** An event from outside the service under test. `key` defaults to the ticket id, then to the tenant. */
export interface Given {
  readonly type: EventType;
  readonly data: unknown;
  readonly tenant?: string;
  readonly key?: string;
  readonly id?: string;
  readonly source?: string;
  readonly correlationId?: string;
}

/**
 * One service alone, on Postgres in memory and a bus in memory, so that a test reads given events / when / then events.
 *
 * `given(...)` publishes events and waits until the service has nothing left to do, jobs included.
 * `published()` answers what the service itself has published since the start, in order.
 */
export interface Harness {
  readonly runtime: Runtime;
  readonly bus: Bus;
  readonly app: App;
  readonly blobs: ReturnType<typeof memoryBlobs>;
  given(...events: readonly Given[]): Promise<void>;
  offer(input: OfferInput): Promise<OfferResult>;
  published<Data = Record<string, unknown>>(type?: EventType): Promise<readonly Envelope<Data>[]>;
  query<Row>(statement: Sql): Promise<readonly Row[]>;
  /** What `query` of a store takes. */
  readonly read: Read;
  settle(): Promise<void>;
  /** Moves the clock that decisions see. */
  setNow(time: string): void;
  stop(): Promise<void>;
}

/** The migrated database of a service, kept by the text of its migrations. */
async function databaseOf(definition: ServiceDefinition): Promise<PgliteInstallation> {
  const migrations = await migrationsOf(definition);
  const key = sha256Hex(JSON.stringify(migrations)).slice(0, 16);
  return await openPrepared(`${definition.name}-${key}`, (installation) =>
    prepareSlices(installation, installation.as("postgres"), [definition]),
  );
}

function laneOf(
  installation: PgliteInstallation,
  bus: Bus,
  environment: Environment,
  clock: { now(): number },
): Lane & { blobs: ReturnType<typeof memoryBlobs> } {
  return {
    connect: ({ schema }) =>
      Promise.resolve({
        database: installation.as(`${schema}_app`),
        jobsOwner: installation.as(`${schema}_jobs_owner`),
        bus,
      }),
    reachable: () => Promise.resolve({ database: true, bus: true }),
    blobs: memoryBlobs(),
    clock,
    log: createLog(environment["LOG_LEVEL"] ?? "silent"),
    metrics: new Metrics(),
    environment,
    defaultTenant: undefined,
    alone: true,
    lingerMs: 0,
  };
}

export async function startHarness(
  definition: ServiceDefinition,
  options: {
    environment?: Environment;
    now?: string;
    edgeTenants?: readonly string[];
    /** What stands between the service and its bus. */
    between?: (bus: Bus) => Bus;
  } = {},
): Promise<Harness> {
  const installation = await databaseOf(definition);
  let now: number | undefined = options.now === undefined ? undefined : Date.parse(options.now);
  const clock = { now: () => now ?? Date.now() };
  const bus = memoryBus({ now: clock.now });
  const edgeTenants = options.edgeTenants ?? [];
  const topics = [...topicCatalogue, ...edgeTenants.flatMap(edgeTopicsOf)];
  await bus.ensureTopics(topics.map((topic) => ({ name: topic.name, partitions: 1 })));
  const lane = {
    ...laneOf(installation, options.between?.(bus) ?? bus, options.environment ?? {}, clock),
    edgeTenants,
  };
  const app = await createServer({ log: lane.log, version: "test" });
  const hosted = await host(lane, definition, app);
  await app.ready();
  await hosted.start();
  const { runtime } = hosted;
  const database = installation.as(`${definition.schema}_app`);

  async function settle(): Promise<void> {
    // Twice, since work may be on its way between the outbox and the bus when the first look finds nothing.
    for (let calm = 0; calm < 2;) {
      calm = (await runtime.idle()) ? calm + 1 : 0;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  return {
    runtime,
    bus,
    app,
    blobs: lane.blobs,
    read: database,
    async given(...events) {
      await bus.send(events.map((event) => recordOf(event, new Date(clock.now()).toISOString())));
      await settle();
    },
    offer: (input) => runtime.offer(input),
    async published<Data>(type?: EventType) {
      const found: { at: number; event: Envelope<Data> }[] = [];
      for (const topic of topicCatalogue)
        for await (const record of bus.read({ topic: topic.name, from: { offset: 0 } })) {
          // Put there by this service's own outbox, checked against its contract.
          const event = JSON.parse(record.value) as Envelope<Data>;
          if (event.source === `/opsdesk/${definition.name}` && (type === undefined || event.type === type))
            found.push({ at: record.timestamp, event });
        }
      return found.sort((a, b) => a.at - b.at).map((one) => one.event);
    },
    query: (statement) => database.query(statement),
    settle,
    setNow(time) {
      now = Date.parse(time);
    },
    async stop() {
      await hosted.stop();
      await app.close();
      await bus.close();
      await installation.close();
    },
  };
}

function recordOf(
  given: Given,
  time: string,
): { topic: string; key: string; headers: Record<string, string>; value: string } {
  const contract = contractOf(given.type);
  const problems = checkProduced(given.type, given.data);
  if (contract === undefined || problems.length > 0)
    throw new TypeError(`given an invalid ${given.type}: ${JSON.stringify(problems)}`);
  const tenant = given.tenant ?? "it-helpdesk";
  const id = given.id ?? newId();
  const ticketId =
    typeof given.data === "object" && given.data !== null && "ticketId" in given.data
      ? String(given.data.ticketId)
      : undefined;
  const envelope: Envelope = {
    specversion: "1.0",
    id,
    source: given.source ?? "/opsdesk/test",
    type: given.type,
    schemaversion: contract.schemaVersion,
    ...(ticketId === undefined ? {} : { subject: ticketId }),
    time,
    datacontenttype: "application/json",
    correlationid: given.correlationId ?? idFor(`correlation:${ticketId ?? id}`),
    idempotencykey: id,
    tenantid: tenant,
    data: given.data,
  };
  return {
    topic: contract.topic,
    key: given.key ?? ticketId ?? tenant,
    headers: { ce_id: id, ce_type: given.type },
    value: JSON.stringify(envelope),
  };
}
