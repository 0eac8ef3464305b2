import { BugError, TransientError } from "@opsdesk/errors";
import type { JobToInsert } from "@opsdesk/jobs";
import { type Clock, isoTime } from "./clock.ts";
import { type CommitPorts, Conflict, NOTHING, type Publication, commit } from "./commit.ts";
import { pause } from "./pause.ts";
import { publicationsOf } from "./edge.ts";
import { type Cause, prepareEvent } from "./encode.ts";
import { type Kept, jobFromJob } from "./job-rows.ts";
import { untilAborted } from "./until-aborted.ts";
import type { AnyJobStep, Job } from "./job.ts";
import type { Observer } from "./observer.ts";
import { type Outcome, reject } from "./outcome.ts";
import type { PublishedFacts } from "./published-facts.ts";
import type { Publisher } from "./publisher.ts";
import { traceparentFor } from "./spans-by-object.ts";
import { endJobSpan, failJobSpan, inJobSpan, startJobSpans } from "./trace-jobs.ts";

export interface JobRunnerPorts extends CommitPorts {
  readonly service: string;
  readonly clock: Clock;
  readonly publisher: Publisher;
  readonly observer: Observer;
  readonly random: () => number;
  /** How long a busy queue waits for more before it loads or writes again; 0 where a statement is cheap. */
  readonly lingerMs: number;
  /** Present only while a restored slice is made up for. */
  readonly facts?: PublishedFacts;
  /** Tenants whose parties outside have topics of their own. */
  readonly edgeTenants: readonly string[];
}

interface Settled {
  readonly job: Job;
  /** What was loaded for it. */
  readonly state: unknown;
  readonly outcome: Outcome<unknown>;
  readonly startedAt: number;
}

const POLL_MS = 2_000;
const COMMIT_MAX = 100;
/** A row that another writer inserted is seen by the next load; one that is in the way each time is never looked for. */
const COLLISIONS_MAX = 4;
/** From this many together a queue counts as busy. */
const BUSY_JOBS = 8;

/**
 * Runs the jobs of one queue: from memory straight after the commit that sent them, or fetched when their crash timer
 * or schedule is due. Jobs of one key run one after another; slow jobs hold only their own place.
 *
 * Effects commit together with the job's completion. Whoever completes it second changes nothing.
 */
export class JobRunner {
  readonly #ports: JobRunnerPorts;
  readonly #step: AnyJobStep;
  readonly #stopping = new AbortController();
  /** Waiting jobs by key, in order; a key's first job may be running. */
  readonly #lanes = new Map<string, Job[]>();
  readonly #held = new Set<string>();
  readonly #busy = new Set<string>();
  /** How often the effects of a job met a row that was there already. */
  readonly #collisions = new Map<string, number>();
  #settled: Settled[] = [];
  #committing = false;
  #turning = false;
  #poller: Promise<void> | undefined;

  constructor(ports: JobRunnerPorts, step: AnyJobStep) {
    this.#ports = ports;
    this.#step = step;
  }

  get queue(): string {
    return this.#step.queue;
  }

  start(): void {
    this.#poller = this.#poll();
  }

  /** Takes jobs that were just committed, or fetched. A job that is already here is not taken twice. */
  offer(jobs: readonly { id: string; data: unknown }[]): void {
    for (const { id, data } of jobs) {
      if (this.#held.has(id)) continue;
      this.#held.add(id);
      // Job rows are written by this package alone (batch-rows.ts and job-rows.ts).
      const kept = data as Kept;
      const job: Job = { ...kept, id, queue: this.#step.queue, root: kept.root ?? id };
      const lane = this.#lanes.get(job.key);
      if (lane === undefined) this.#lanes.set(job.key, [job]);
      else lane.push(job);
    }
    void this.#turn();
  }

  idle(): boolean {
    return this.#held.size === 0;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#poller;
    while (this.#busy.size > 0 || this.#committing) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  async #poll(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        const room = this.#step.concurrency * 4 - this.#held.size;
        if (room > 0) this.offer(await this.#ports.jobs.fetch(this.#step.queue, Math.min(room, COMMIT_MAX)));
      } catch (error) {
        this.#ports.observer.trouble("jobs_unavailable", `${this.#step.queue}: jobs could not be fetched now`, error);
      }
      await pause(this.#stopping.signal, POLL_MS);
    }
  }

  /** Starts what may start: one job a key, up to the step's concurrency, loaded together. */
  async #turn(): Promise<void> {
    if (this.#turning) return;
    this.#turning = true;
    // Jobs that arrive in this tick join the batch.
    await Promise.resolve();
    while (!this.#stopping.signal.aborted) {
      const batch: Job[] = [];
      for (const [key, lane] of this.#lanes) {
        if (this.#busy.size >= this.#step.concurrency) break;
        const [job] = lane;
        if (job === undefined || this.#busy.has(key)) continue;
        this.#busy.add(key);
        batch.push(job);
      }
      if (batch.length === 0) break;
      await this.#start(batch);
      await this.#linger(batch.length);
    }
    this.#turning = false;
  }

  async #start(batch: readonly Job[]): Promise<void> {
    startJobSpans(this.#ports.service, batch);
    let state: unknown;
    try {
      state = await this.#step.load?.(this.#ports.database, batch);
    } catch (error) {
      this.#ports.observer.trouble("jobs_unavailable", `${this.#step.queue}: loading failed, the jobs stay due`, error);
      await pause(this.#stopping.signal, 500);
      for (const job of batch) {
        failJobSpan(job, error);
        endJobSpan(job, "retried");
        this.#busy.delete(job.key);
      }
      return;
    }
    for (const job of batch) void this.#run(job, state);
  }

  async #run(job: Job, state: unknown): Promise<void> {
    const startedAt = performance.now();
    const now = isoTime(this.#ports.clock);
    let outcome: Outcome<unknown>;
    try {
      const signal = AbortSignal.any([
        this.#stopping.signal,
        AbortSignal.timeout(this.#step.retry.timeoutSeconds * 1_000),
      ]);
      outcome = await inJobSpan(job, () => untilAborted(signal, this.#step.run(job, state, { now, signal })));
    } catch (error) {
      if (this.#stopping.signal.aborted) return this.#letGo(job, false);
      failJobSpan(job, error);
      if (error instanceof TransientError && job.attempt < this.#step.retry.limit)
        return this.#settle({ job, state, outcome: this.#retry(job, error), startedAt });
      const code = error instanceof TransientError ? error.code : "job_failed";
      inJobSpan(job, () => this.#ports.observer.trouble(code, `${job.queue} failed for good`, error));
      this.#ports.observer.job(job.queue, "exhausted", (performance.now() - startedAt) / 1_000);
      try {
        const cause = error instanceof Error ? error : new Error(String(error));
        outcome = this.#step.exhausted(job, cause, state, { now, ran: false });
      } catch (cause) {
        outcome = reject("job_failed", cause instanceof Error ? cause.message : String(cause));
      }
    }
    if (outcome.outcome === "defer") outcome = this.#again(job, outcome.waiting.retryAfterSeconds, job.attempt);
    this.#settle({ job, state, outcome, startedAt });
  }

  /** The next attempt is a job of its own, sent in the transaction that ends this one. */
  #retry(job: Job, error: Error): Outcome<never> {
    const { delaySeconds, delaySecondsMax } = this.#step.retry;
    const backoff = Math.min(delaySeconds * 2 ** job.attempt, delaySecondsMax);
    inJobSpan(job, () => this.#ports.observer.trouble("job_retried", `${job.queue} will be tried again`, error));
    endJobSpan(job, "retried");
    return this.#again(job, backoff * (0.8 + 0.4 * this.#ports.random()), job.attempt + 1);
  }

  #again(job: Job, seconds: number, attempt: number): Outcome<never> {
    return {
      outcome: "done",
      effects: {
        jobs: [
          {
            queue: job.queue,
            key: job.key,
            data: job.data,
            ordinal: `again:${attempt}:${job.id}`,
            startAfterSeconds: seconds,
          },
        ],
      },
    };
  }

  #settle(settled: Settled): void {
    this.#settled.push(settled);
    void this.#commitSettled();
  }

  async #commitSettled(): Promise<void> {
    if (this.#committing) return;
    this.#committing = true;
    // Jobs whose `run` ends in the same tick are written together.
    await Promise.resolve();
    while (this.#settled.length > 0) {
      const batch = this.#settled.splice(0, COMMIT_MAX);
      await this.#commitBatch(batch);
      if (this.#settled.length < COMMIT_MAX) await this.#linger(batch.length);
    }
    this.#committing = false;
  }

  /** While much arrives, waiting a moment makes the next batch larger, and a batch costs far more than its rows. */
  async #linger(jobs: number): Promise<void> {
    if (jobs >= BUSY_JOBS && this.#ports.lingerMs > 0) await pause(this.#stopping.signal, this.#ports.lingerMs);
  }

  async #commitBatch(batch: readonly Settled[]): Promise<void> {
    try {
      await this.#write(batch);
      for (const { job, outcome, startedAt } of batch) {
        const name = outcome.outcome === "done" ? "done" : outcome.outcome === "ignore" ? "ignored" : "exhausted";
        this.#ports.observer.job(job.queue, name, (performance.now() - startedAt) / 1_000);
        endJobSpan(job, name);
        this.#letGo(job, true);
      }
    } catch (error) {
      if (error instanceof TransientError) {
        this.#ports.observer.trouble(error.code, `${this.#step.queue}: effects could not be written now`, error);
        await pause(this.#stopping.signal, 500);
        if (this.#stopping.signal.aborted) for (const { job } of batch) this.#letGo(job, false);
        else this.#settled.unshift(...batch);
        return;
      }
      if (batch.length > 1) {
        for (const one of batch) await this.#commitBatch([one]);
        return;
      }
      await this.#failedAlone(batch[0], error);
    }
  }

  async #failedAlone(settled: Settled | undefined, error: unknown): Promise<void> {
    if (settled === undefined) return;
    const { job } = settled;
    if (error instanceof Conflict && error.over === "claim") {
      // Another runner has finished it; its effects are there.
      this.#ports.observer.job(job.queue, "lost", 0);
      endJobSpan(job, "lost");
      return this.#letGo(job, true);
    }
    // Another writer was first: the job runs again on what is there now.
    if (error instanceof Conflict && !this.#collidesForGood(job, error)) return this.#letGo(job, false, true);
    const fault = error instanceof Conflict ? error.cause : error;
    this.#ports.observer.trouble("job_unwritable", `${job.queue}: its effects cannot be written`, fault);
    const cause = fault instanceof Error ? fault : new Error(String(fault));
    try {
      const context = { now: isoTime(this.#ports.clock), ran: true };
      await this.#write([{ ...settled, outcome: this.#step.exhausted(job, cause, settled.state, context) }]);
    } catch (final) {
      this.#ports.observer.trouble(
        "job_unwritable",
        `${job.queue}: not even its failure can be written; it stays due`,
        final,
      );
    }
    this.#letGo(job, true);
  }

  #collidesForGood(job: Job, { over }: Conflict): boolean {
    if (over !== "row") return false;
    const collisions = (this.#collisions.get(job.id) ?? 0) + 1;
    this.#collisions.set(job.id, collisions);
    return collisions >= COLLISIONS_MAX;
  }

  async #write(batch: readonly Settled[]): Promise<void> {
    const now = isoTime(this.#ports.clock);
    const rows: unknown[] = [];
    const publications: Publication[] = [];
    const jobs: JobToInsert[] = [];
    const wakes = new Set<string>();
    for (const { job, outcome } of batch) {
      // Consumers follow causation from event to event; a job only stands between two of them. All attempts of a job
      // make the same ids.
      const cause: Cause = {
        id: job.causationId,
        key: job.causationId,
        tenant: job.tenant,
        correlationId: job.correlationId,
        traceparent: traceparentFor(job, job.traceparent),
      };
      const events =
        outcome.outcome === "done"
          ? (outcome.effects.events ?? [])
          : outcome.outcome === "reject"
            ? outcome.events
            : [];
      for (const event of events) {
        const ordinal = event.ordinal === undefined ? job.root : `${job.root}:${event.ordinal}`;
        const prepared = prepareEvent(this.#ports.service, cause, { ...event, ordinal }, now);
        publications.push(...publicationsOf(job.id, prepared, this.#ports.edgeTenants));
      }
      if (outcome.outcome !== "done") continue;
      if (outcome.effects.rows !== undefined) rows.push(outcome.effects.rows);
      for (const wake of outcome.effects.wakes ?? []) wakes.add(wake);
      for (const next of outcome.effects.jobs ?? [])
        jobs.push(jobFromJob(job, next, this.#step.retry.timeoutSeconds + 10));
    }
    const sent = this.#ports.facts?.atOnce(jobs) ?? jobs;
    // Only rows of this step's own outcomes reach its own `save`.
    const save = rows.length === 0 ? undefined : this.#step.save?.(rows);
    const publishedSeqs = this.#ports.publisher.takePublished();
    let committed;
    try {
      committed = await commit(
        this.#ports,
        {
          ...NOTHING,
          claim: { kind: "jobs", queue: this.#step.queue, ids: batch.map(({ job }) => job.id) },
          writes: save?.writes ?? [],
          guards: save?.guards ?? [],
          publications,
          jobs: sent,
          wakes: [...wakes],
        },
        publishedSeqs,
      );
    } catch (error) {
      this.#ports.publisher.putBack(publishedSeqs);
      if (error instanceof TransientError && publications.length > 0) this.#ports.publisher.hold();
      throw error;
    }
    this.#onSent(sent.filter((job) => job.fromMemory));
    // What is not acknowledged is in the outbox; no offset waits for it.
    void this.#ports.publisher.publish(
      publications.map((one) => one.record),
      committed.outboxSeqs,
    );
  }

  #onSent: (jobs: readonly JobToInsert[]) => void = () => {
    throw new BugError("job_failed", "the runner was never connected");
  };

  /** Where jobs that a job sends go: to the runner of their queue. */
  connect(onSent: (jobs: readonly JobToInsert[]) => void): void {
    this.#onSent = onSent;
  }

  #letGo(job: Job, finished: boolean, again = false): void {
    endJobSpan(job, finished ? "unwritable" : again ? "again" : "stopped");
    this.#busy.delete(job.key);
    if (finished || !again) {
      this.#held.delete(job.id);
      this.#collisions.delete(job.id);
      const lane = this.#lanes.get(job.key);
      if (lane?.[0]?.id === job.id) lane.shift();
      if (lane?.length === 0) this.#lanes.delete(job.key);
    }
    void this.#turn();
  }
}
