import { errorType, failSpan, inSpan, setAttributes, startSpan, tracer } from "@opsdesk/telemetry";
import type { Job } from "./job.ts";
import { keepSpan, spanOf, takeSpan } from "./spans-by-object.ts";

/** One span a job and run, in the trace of what sent it. */
export function startJobSpans(service: string, jobs: readonly Job[]): void {
  const from = tracer();
  if (from === undefined) return;
  for (const job of jobs)
    keepSpan(
      job,
      startSpan(from, {
        name: job.queue,
        kind: "INTERNAL",
        parent: job.traceparent,
        attributes: {
          "opsdesk.service": service,
          "opsdesk.job.id": job.id,
          "opsdesk.job.attempt": job.attempt,
          "messaging.message.conversation_id": job.correlationId,
        },
      }),
    );
}

export function inJobSpan<T>(job: Job, work: () => T): T {
  const span = spanOf(job);
  return span === undefined ? work() : inSpan(span, work);
}

export function failJobSpan(job: Job, error: unknown): void {
  const span = spanOf(job);
  if (span !== undefined) failSpan(span, errorType(error));
}

/** The first outcome stands: a job is let go of after it is done. */
export function endJobSpan(job: Job, outcome: string): void {
  const span = takeSpan(job);
  if (span === undefined) return;
  setAttributes(span, { "opsdesk.outcome": outcome });
  span.end();
}
