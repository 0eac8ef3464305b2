import type { Envelope } from "@opsdesk/schemas/envelope";
import type { Bus, BusRecord } from "./bus.ts";
import type { JobToInsert } from "@opsdesk/jobs";

/** When a decision was made, as its own events in the log say. */
export interface Decided {
  /**
   * What the decision had as its clock, RFC 3339. It is read after the state is loaded, so of two decisions about one
   * ticket the later has the later clock; the log's own times of records in one request differ by topic.
   */
  readonly now: string;
  /** The ticket, or whatever else it was about. */
  readonly subject: string | undefined;
}

const JOB = /[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;

/**
 * What a service has published and a restored slice may know nothing of. It stands: whoever consumed it has acted on it,
 * so the same event is not published again, and a decision is made again with the clock that it had.
 */
export class PublishedFacts {
  readonly #service: string;
  readonly #events: Envelope[] = [];
  readonly #records = new Set<string>();
  readonly #decided = new Map<string, Decided>();
  readonly #jobs = new Set<string>();
  readonly #causesOfJobs = new Set<string>();
  #withheld = 0;

  constructor(service: string) {
    this.#service = service;
  }

  /** Every event once, in the order in which they were added. */
  events(): readonly Envelope[] {
    return this.#events;
  }

  /** How many records were not sent because the log has them. */
  withheld(): number {
    return this.#withheld;
  }

  add(record: BusRecord, event: Envelope): void {
    const place = placeOf(record.topic, event.id);
    if (this.#records.has(place)) return;
    this.#records.add(place);
    this.#events.push(event);
    const cause = event.causationid;
    if (cause === undefined) return;
    const job = jobOf(this.#service, event);
    if (job !== undefined) {
      this.#jobs.add(job);
      this.#causesOfJobs.add(cause);
      return;
    }
    const known = this.#decided.get(cause);
    if (known === undefined || Date.parse(event.time) < Date.parse(known.now))
      this.#decided.set(cause, { now: event.time, subject: event.subject ?? known?.subject });
  }

  /** When the event with this id was decided about; undefined where nothing was published for it. */
  decided(eventId: string): Decided | undefined {
    return this.#decided.get(eventId);
  }

  /** A job whose result is in the log has no reason to wait: it would only be late with what everybody knows. */
  atOnce(jobs: readonly JobToInsert[]): readonly JobToInsert[] {
    return jobs.map((job) => (this.#jobs.has(job.id) && !job.fromMemory ? { ...job, fromMemory: true } : job));
  }

  /** What caused jobs whose results are in the log. */
  causesOfJobs(): readonly string[] {
    return [...this.#causesOfJobs];
  }

  /** The bus, on which nothing that stands is published a second time. */
  withholding(bus: Bus): Bus {
    return {
      ...bus,
      send: async (records) => {
        const fresh = records.filter(
          ({ headers, topic }) => !this.#records.has(placeOf(topic, headers["ce_id"] ?? "")),
        );
        this.#withheld += records.length - fresh.length;
        await bus.send(fresh);
      },
    };
  }
}

const placeOf = (topic: string, id: string): string => `${topic}\n${id}`;

/** The first attempt of the job that published an event: part of its idempotency key (see job-runner.ts). */
function jobOf(service: string, { causationid, idempotencykey, type }: Envelope): string | undefined {
  const step = `${service}.${type}:`;
  const at = idempotencykey.indexOf(step);
  if (at < 0 || causationid === undefined) return undefined;
  const [root] = idempotencykey.slice(at + step.length).split(":");
  return root !== undefined && JOB.test(root) ? root : undefined;
}
