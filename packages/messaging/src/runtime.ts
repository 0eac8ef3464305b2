import type { Database } from "@opsdesk/database";
import { RejectedError } from "@opsdesk/errors";
import type { Jobs, QueueCounts } from "@opsdesk/jobs";
import { contractOf, topicsToConsume } from "@opsdesk/schemas";
import type { InputKeeping } from "./accepted-inputs.ts";
import type { Bus, SubscribeOptions, Subscription } from "./bus.ts";
import type { Clock } from "./clock.ts";
import { consumeBatch } from "./consume.ts";
import { pause } from "./pause.ts";
import { type DeadLetters, deadLetters } from "./dead-letters.ts";
import { holdsDue, runDeferred } from "./deferred.ts";
import { type Consuming, forgetClaims } from "./forget-claims.ts";
import type { AnyHandler } from "./handler.ts";
import type { AnyJobStep } from "./job.ts";
import { InboxFloors } from "./inbox-floors.ts";
import { JobRunner } from "./job-runner.ts";
import type { Observer } from "./observer.ts";
import type { Offer, Publish } from "./offer.ts";
import { offers, publishing } from "./offers.ts";
import type { Consumer } from "./item.ts";
import { gatheringFor } from "./process-gathered.ts";
import type { ProcessorPorts } from "./processor.ts";
import { type Projection, type RebuildReport, projectBatch, projectingFor, rebuildProjection } from "./projection.ts";
import { PublishedFacts } from "./published-facts.ts";
import { Publisher } from "./publisher.ts";
import { type RecoverOptions, type RecoverReport, endRecovery, recoverSlice } from "./recover.ts";
import { RecentWakes } from "./recent-wakes.ts";
import { type ReplayOptions, type ReplayReport, replay } from "./replay.ts";
import { forgetPublished, outboxHolds, relayOnce } from "./relay.ts";
import { tracedBus } from "./trace-bus.ts";
import { Turns } from "./turns.ts";

export interface RuntimeOptions {
  readonly service: string;
  readonly schema: string;
  readonly database: Database;
  readonly bus: Bus;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly defaultTenant: string | undefined;
  /** Tenants whose parties outside have topics of their own; none unless they are named. */
  readonly edgeTenants?: readonly string[];
  /** No other runner of this service lives (one process on a locked data directory). */
  readonly alone: boolean;
  readonly random?: () => number;
  readonly batchMax?: number;
  /** Events older than this in the outbox were not published from memory. */
  readonly relayAfterSeconds?: number;
  readonly idleMs?: number;
  /** How long busy queues wait for more. */
  readonly lingerMs?: number;
  /** How long events may wait for others before its handlers see them; absent: not at all. */
  readonly patienceMs?: number;
  /** Keeps in the log what came by HTTP: where slice and log can be restored apart from each other. */
  readonly keepInputs?: InputKeeping;
  /** Only to make up for a restored slice: nothing that the log has is published again. */
  readonly recovering?: boolean;
}

interface GroupLag {
  readonly group: string;
  readonly topic: string;
  readonly records: number;
  /** Age of the oldest that waits; 0 where none does. */
  readonly oldestMs: number;
}

/** All of messaging that one service needs, from its handlers and jobs. */
export interface Runtime {
  readonly offer: Offer;
  readonly publish: Publish;
  readonly deadLetters: DeadLetters;
  start(
    handlers: Readonly<Record<string, AnyHandler>>,
    jobs: readonly AnyJobStep[],
    projections?: Readonly<Record<string, Projection>>,
  ): Promise<void>;
  /** Re-offers events: what was claimed counts as a duplicate, so it heals loss and repeats nothing. */
  replay(options: ReplayOptions): Promise<ReplayReport>;
  /**
   * Instead of `start`, on a restored slice of a service that runs nowhere: hands its handlers what the log has and the
   * inbox does not. Needs `recovering`.
   */
  recover(
    handlers: Readonly<Record<string, AnyHandler>>,
    jobs: readonly AnyJobStep[],
    how: RecoverOptions,
  ): Promise<RecoverReport>;
  /** Subscribes a new generation of handlers from the beginning; resolves when it has caught up. */
  rebuild(handlers: Readonly<Record<string, AnyHandler>>, generation: number): Promise<Subscription>;
  /** Makes a projection again from the beginning of its topics, beside the present one, and switches to it. */
  rebuildProjection(name: string, onProgress?: (events: number) => void): Promise<RebuildReport>;
  /** What is done once an hour: forgets claims that are old enough, and learns what others have forgotten. */
  forget(): Promise<void>;
  /** Milliseconds since the epoch of the last turn of the slowest consumer loop. */
  beatAt(): number;
  stoppedBy(): unknown;
  jobCounts(): Promise<readonly QueueCounts[]>;
  /** How far each of its groups is behind, by topic. */
  lag(): Promise<readonly GroupLag[]>;
  /** Nothing in work, nothing waiting: for tests and for an orderly end. */
  idle(): Promise<boolean>;
  stop(): Promise<void>;
}

/** Longer than any topic holds commands back, and than anybody goes back in time to make up for a loss. */
const KEEP_CLAIMS_DAYS = 30;
const FORGET_EVERY_MS = 3_600_000;
/** Search engines show what they were given about a second later anyway. */
const PROJECTION_PATIENCE_MS = 1_000;

export function createRuntime(options: RuntimeOptions): Runtime {
  const { service, observer } = options;
  const facts = options.recovering === true ? new PublishedFacts(service) : undefined;
  const bus = tracedBus(facts?.withholding(options.bus) ?? options.bus, service);
  const publisher = new Publisher(bus, observer);
  const runners = new Map<string, JobRunner>();
  const timeouts = new Map<string, number>();
  const consumers = new Map<string, Consumer>();
  const byHandler = new Map<string, Consumer>();
  const stopping = new AbortController();
  const decoding = { defaultTenant: options.defaultTenant };
  const edgeTenants = options.edgeTenants ?? [];
  const topicsOfType = (type: string): readonly string[] => {
    const contract = contractOf(type);
    return contract === undefined ? [] : topicsToConsume(contract, edgeTenants);
  };
  const loops: Promise<void>[] = [];
  const projecting = new Map<string, Projection>();
  const subscriptions: Subscription[] = [];
  const groups = new Map<string, readonly string[]>();
  const consuming: Consuming[] = [];
  let stoppedBy: unknown;
  let inWork = 0;

  const ports: ProcessorPorts = {
    service,
    schema: options.schema,
    database: options.database,
    bus,
    jobs: options.jobs,
    clock: options.clock,
    woken: new RecentWakes(),
    publisher,
    observer,
    runJobs: (jobs) => {
      for (const [queue, runner] of runners) {
        const mine = jobs.filter((job) => job.queue === queue);
        if (mine.length > 0) runner.offer(mine);
      }
    },
    // Long enough for a first attempt that hangs until its deadline.
    crashSeconds: (queue) => (timeouts.get(queue) ?? 0) + 10,
    edgeTenants,
    turns: new Turns(),
    floors: new InboxFloors(),
    ...(options.keepInputs === undefined ? {} : { keepInputs: options.keepInputs }),
    ...(facts === undefined ? {} : { facts }),
  };

  const register = (
    handlers: Readonly<Record<string, AnyHandler>>,
    generation: number,
  ): ReadonlyMap<string, Consumer> => {
    const byTopic = new Map<string, Consumer>();
    for (const [name, handler] of Object.entries(handlers)) {
      const consumer = { name: `${service}.${name}${generation === 1 ? "" : `@${generation}`}`, handler };
      const topics = topicsOfType(handler.type);
      if (topics.length === 0 || topics.some((topic) => byTopic.has(topic)))
        throw new TypeError(`${service}: ${name} has no topic of its own (${handler.type})`);
      for (const topic of topics) byTopic.set(topic, consumer);
      consumers.set(consumer.name, consumer);
      if (generation === 1) byHandler.set(name, consumer);
    }
    return byTopic;
  };

  const stoppedConsuming = (who: string) => (error: unknown) => {
    stoppedBy = error;
    observer.trouble("consumer_stopped", `${who} no longer consumes`, error);
  };

  const counted = async (work: Promise<void>): Promise<void> => {
    inWork += 1;
    await work.finally(() => (inWork -= 1));
  };

  const subscribed = (subscription: SubscribeOptions): Promise<Subscription> => {
    groups.set(subscription.group, subscription.topics);
    return bus.subscribe(subscription);
  };

  const subscribe = (byTopic: ReadonlyMap<string, Consumer>, group: string): Promise<Subscription> => {
    const recordsMax = options.batchMax ?? 200;
    consuming.push({ group, consumers: new Map([...byTopic].map(([topic, { name }]) => [topic, name])) });
    const gatherings = new Map(
      [...byTopic.values()].map((one) => [one, gatheringFor(ports, one, recordsMax, stopping.signal)]),
    );
    return subscribed({
      group,
      topics: [...byTopic.keys()],
      from: "earliest",
      recordsMax,
      ...(options.patienceMs === undefined ? {} : { patienceMs: options.patienceMs }),
      onBatch: async (batch) => {
        const consumer = byTopic.get(batch.topic);
        const gathering = consumer && gatherings.get(consumer);
        if (consumer === undefined || gathering === undefined) return;
        await counted(consumeBatch(ports, consumer, batch, gathering, { ...decoding, signal: stopping.signal }));
      },
      onStopped: stoppedConsuming(group),
    });
  };

  const subscribeProjection = (name: string, projection: Projection): Promise<Subscription> => {
    const consumer = { name: `${service}.${name}` };
    const recordsMax = options.batchMax ?? 500;
    const projecting = projectingFor(ports, consumer, projection, recordsMax, stopping.signal);
    return subscribed({
      group: `opsdesk.${consumer.name}`,
      topics: projection.types.flatMap(topicsOfType),
      from: "earliest",
      recordsMax,
      patienceMs: PROJECTION_PATIENCE_MS,
      onBatch: (batch) =>
        counted(projectBatch(ports, consumer, projecting, batch, { ...decoding, signal: stopping.signal })),
      onStopped: stoppedConsuming(consumer.name),
    });
  };

  /** A loop by the clock that survives every failure of its work. */
  const every = (ms: number, code: string, work: () => Promise<boolean>): void => {
    loops.push(
      (async () => {
        while (!stopping.signal.aborted) {
          const more = await work().catch((error: unknown) => {
            observer.trouble(code, `${service}: ${code}`, error);
            return false;
          });
          if (!more) await pause(stopping.signal, ms);
        }
      })(),
    );
  };

  /** All but its subscriptions. */
  const startJobs = async (jobs: readonly AnyJobStep[], noOtherRunner: boolean): Promise<void> => {
    for (const step of jobs) {
      timeouts.set(step.queue, step.retry.timeoutSeconds);
      runners.set(
        step.queue,
        new JobRunner({ ...ports, random: options.random ?? Math.random, lingerMs: options.lingerMs ?? 0 }, step),
      );
    }
    for (const runner of runners.values()) runner.connect(ports.runJobs);
    await options.jobs.start(jobs.map((step) => ({ name: step.queue, expireSeconds: step.retry.timeoutSeconds + 10 })));
    if (noOtherRunner) await options.jobs.recover();
    const idleMs = options.idleMs ?? 1_000;
    if (bus.inTransaction === undefined)
      every(idleMs, "relay_failed", () => relayOnce({ ...ports, publisher }, options.relayAfterSeconds ?? 3));
    every(idleMs, "deferred_failed", () => runDeferred(ports, consumers, decoding));
  };

  const forget = async (): Promise<void> => {
    await forgetClaims(ports, consuming, KEEP_CLAIMS_DAYS);
    await ports.floors.load(options.database, options.schema);
  };

  const isIdle = async (): Promise<boolean> => {
    if (inWork > 0 || !publisher.idle() || [...runners.values()].some((runner) => !runner.idle())) return false;
    if (bus.inTransaction === undefined && (await outboxHolds({ ...ports, publisher }))) return false;
    return !(await holdsDue(ports));
  };

  return {
    offer: offers(ports, byHandler),
    publish: publishing(ports),
    deadLetters: deadLetters(ports, consumers, (name) => projecting.get(name.slice(service.length + 1)), decoding),

    async start(handlers, jobs, projections = {}) {
      const byTopic = register(handlers, 1);
      await ports.floors.load(options.database, options.schema);
      await startJobs(jobs, options.alone);
      for (const runner of runners.values()) runner.start();
      if (byTopic.size > 0) subscriptions.push(await subscribe(byTopic, `opsdesk.${service}`));
      for (const [name, projection] of Object.entries(projections)) {
        projecting.set(name, projection);
        subscriptions.push(await subscribeProjection(name, projection));
      }
      every(FORGET_EVERY_MS, "forgetting_failed", () => forget().then(() => false));
    },

    replay: (what) => replay({ ports, handlers: byHandler, topicsOfType, decoding, signal: stopping.signal }, what),

    async recover(handlers, jobs, how) {
      if (facts === undefined) throw new TypeError(`${service} does not recover`);
      const recovering = {
        ports,
        facts,
        decoding,
        consumers: register(handlers, 1),
        settled: async () => {
          const working = (): boolean => [...runners.values()].some((runner) => !runner.idle());
          // An input that others waited for wakes them: what comes after it expects them to have been handled.
          while (working() || (!stopping.signal.aborted && (await holdsDue(ports))))
            await pause(stopping.signal, working() ? 2 : 20);
        },
      };
      if (how.dryRun) return await recoverSlice(recovering, how);
      const report = await recoverSlice(recovering, {
        ...how,
        // Jobs are only taken up by a service that knows what it has published.
        onFacts: async (published) => {
          await how.onFacts?.(published);
          await startJobs(jobs, true);
          await options.jobs.hasten(facts.causesOfJobs());
          for (const runner of runners.values()) runner.start();
          // What the slice was in the middle of comes before everything that followed from it.
          while ((await options.jobs.due()) > 0) await pause(stopping.signal, 50);
          await recovering.settled();
        },
      });
      while (!(await isIdle())) await pause(stopping.signal, 50);
      if (!stopping.signal.aborted) await endRecovery(ports);
      return { ...report, withheld: facts.withheld() };
    },

    async rebuild(handlers, generation) {
      const rebuilt = await subscribe(register(handlers, generation), `opsdesk.${service}@${generation}`);
      while (!(await rebuilt.caughtUp())) await pause(stopping.signal, 50);
      return rebuilt;
    },

    rebuildProjection(name, onProgress) {
      const projection = projecting.get(name);
      if (projection === undefined)
        throw new RejectedError("projection_unknown", `${service} has no projection ${name}`, {
          publicMessage: `${service} has ${[...projecting.keys()].join(", ") || "no projections"}.`,
        });
      return rebuildProjection(
        ports,
        { name: `${service}.${name}` },
        projection,
        projection.types.flatMap(topicsOfType),
        {
          ...decoding,
          signal: stopping.signal,
          ...(onProgress === undefined ? {} : { onProgress }),
        },
      );
    },

    forget,
    beatAt: () => Math.min(...subscriptions.map((one) => one.beatAt()), options.clock.now()),
    stoppedBy: () => stoppedBy,
    jobCounts: () => options.jobs.counts(),

    async lag() {
      const lags: GroupLag[] = [];
      for (const [group, topics] of groups)
        for (const [topic, behind] of await bus.lag(group, topics)) lags.push({ group, topic, ...behind });
      return lags;
    },

    async idle() {
      if (!(await isIdle())) return false;
      for (const subscription of subscriptions) if (!(await subscription.caughtUp())) return false;
      return true;
    },

    async stop() {
      // Stop taking work, finish what is in hand, publish, commit offsets, then let go of the queues.
      stopping.abort();
      await Promise.all(subscriptions.map((one) => one.stop()));
      await Promise.all(loops);
      for (const runner of runners.values()) await runner.stop();
      await publisher.settled();
      // Left there, it is published once more, which is allowed.
      await forgetPublished({ ...ports, publisher }).catch((error: unknown) =>
        observer.trouble("relay_failed", `${service}: published events stay in the outbox`, error),
      );
      await options.jobs.stop();
    },
  };
}
