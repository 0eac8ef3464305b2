import { idFor } from "@opsdesk/identity";
import type { JobToInsert } from "@opsdesk/jobs";
import type { Job } from "./job.ts";
import type { NewJob } from "./outcome.ts";
import { traceparentFor } from "./spans-by-object.ts";

/** What a job row holds; the row of a job that a handler sends is made in batch-rows.ts. */
export interface Kept extends Omit<Job, "id" | "queue" | "root"> {
  readonly root?: string;
}

/** A job that another one sends. `again:<attempt>:…` is the next attempt of that one. */
export function jobFromJob(job: Job, next: NewJob, crashSeconds: number): JobToInsert {
  const again = next.ordinal?.startsWith("again:") === true;
  const attempt = again ? Number(next.ordinal?.split(":")[1]) : 0;
  const delay = next.startAfterSeconds ?? 0;
  return {
    id: idFor(`${job.id}:${next.queue}:${next.ordinal ?? ""}`),
    queue: next.queue,
    startAfterSeconds: delay > 0 ? delay : crashSeconds,
    fromMemory: delay === 0,
    data: {
      key: next.key,
      data: next.data,
      tenant: job.tenant,
      correlationId: job.correlationId,
      causationId: job.causationId,
      subject: job.subject,
      // Attempts of one job are siblings.
      traceparent: again ? job.traceparent : traceparentFor(job, job.traceparent),
      attempt,
      ...(again ? { root: job.root } : {}),
    } satisfies Kept,
  };
}
