import { TransientError } from "@opsdesk/errors";
import type { Observer } from "@opsdesk/messaging";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Logger } from "pino";
import { calmWarnings } from "./calm-warnings.ts";

/** The buckets that the semantic conventions advise for messaging and HTTP. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** What a service counts beside messaging. Label values come from closed lists: codes, never ids. */
export interface Meter {
  counter<Label extends string>(
    name: `opsdesk_${string}_total`,
    help: string,
    labelNames: readonly Label[],
  ): (labels: Readonly<Record<Label, string>>) => void;
}

/** One process's metrics; every series carries the service's name. */
export class Metrics {
  readonly registry = new Registry();
  readonly #own = new Map<string, Gauge<"service">>();
  readonly #processed = new Counter({
    name: "opsdesk_events_processed_total",
    help: "Events by consumer and outcome; `duplicate` counts redeliveries.",
    labelNames: ["service", "consumer", "outcome"],
    registers: [this.registry],
  });
  readonly #batch = new Histogram({
    name: "opsdesk_batch_seconds",
    help: "Time of one batch from lookup to publication.",
    labelNames: ["service", "consumer"],
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly #job = new Histogram({
    name: "opsdesk_job_seconds",
    help: "Time of one job by queue and outcome.",
    labelNames: ["service", "queue", "outcome"],
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly #published = new Counter({
    name: "opsdesk_events_published_total",
    help: "Events published from memory after commit; none where publishing is part of the commit.",
    labelNames: ["service"],
    registers: [this.registry],
  });
  readonly #trouble = new Counter({
    name: "opsdesk_troubles_total",
    help: "Things an operator should read, by code.",
    labelNames: ["service", "code"],
    registers: [this.registry],
  });
  readonly waitingJobs = new Gauge({
    name: "opsdesk_jobs_waiting",
    help: "Jobs not yet finished, by queue.",
    labelNames: ["service", "queue"],
    registers: [this.registry],
  });
  readonly outboxAge = new Gauge({
    name: "opsdesk_outbox_oldest_seconds",
    help: "Age of the oldest unpublished event.",
    labelNames: ["service"],
    registers: [this.registry],
  });
  readonly deferred = new Gauge({
    name: "opsdesk_deferred_events",
    help: "Events that wait for something to arrive.",
    labelNames: ["service"],
    registers: [this.registry],
  });
  readonly blockedKeys = new Gauge({
    name: "opsdesk_blocked_keys",
    help: "Keys whose later events wait behind an earlier one.",
    labelNames: ["service"],
    registers: [this.registry],
  });
  readonly deadLetters = new Gauge({
    name: "opsdesk_dead_letters_open",
    help: "Dead letters that wait for an operator, by cause.",
    labelNames: ["service", "code"],
    registers: [this.registry],
  });
  readonly #parked = new Counter({
    name: "opsdesk_dead_letters_total",
    help: "Events parked as dead letters, by consumer and cause.",
    labelNames: ["service", "consumer", "code"],
    registers: [this.registry],
  });
  readonly lagEvents = new Gauge({
    name: "opsdesk_lag_events",
    help: "Events that a group has not consumed yet.",
    labelNames: ["service", "group", "topic"],
    registers: [this.registry],
  });
  readonly lagSeconds = new Gauge({
    name: "opsdesk_lag_seconds",
    help: "Age of the oldest event that a group has not consumed yet; 0 where none waits.",
    labelNames: ["service", "group", "topic"],
    registers: [this.registry],
  });

  /** Counters that a service keeps of its own; the same name is one counter, however many ask for it. */
  meter(): Meter {
    return {
      counter: (name, help, labelNames) => {
        const known = this.registry.getSingleMetric(name);
        const counter =
          known instanceof Counter ? known : new Counter({ name, help, labelNames, registers: [this.registry] });
        return (labels) => counter.inc({ ...labels });
      },
    };
  }

  /** A service's own figure; made once, whoever asks again gets the same. */
  gauge(service: string, name: string, help: string): (value: number) => void {
    const known = this.#own.get(name) ?? new Gauge({ name, help, labelNames: ["service"], registers: [this.registry] });
    this.#own.set(name, known);
    return (value) => known.set({ service }, value);
  }

  observer(service: string, log: Logger): Observer {
    const warn = calmWarnings(log);
    return {
      processed: (consumer, outcome, count) => this.#processed.inc({ service, consumer, outcome }, count),
      batch: (consumer, seconds) => this.#batch.observe({ service, consumer }, seconds),
      job: (queue, outcome, seconds) => this.#job.observe({ service, queue, outcome }, seconds),
      published: (count) => this.#published.inc({ service }, count),
      parked: (consumer, code) => this.#parked.inc({ service, consumer, code }),
      trouble: (code, message, error) => {
        this.#trouble.inc({ service, code });
        // What fails by itself is told each time; what is away fails for everything alike.
        if (error instanceof TransientError) warn(code, message, error);
        else log.warn({ code, err: error }, message);
      },
    };
  }
}
