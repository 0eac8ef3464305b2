import { TransientError } from "@opsdesk/errors";

/** Whoever heeds its signal ends by itself, and says better why. */
const GRACE_MS = 2_000;

/** Work that ignores its deadline is given up, so that it holds its place no longer. Rejects with TransientError `job_timed_out`. */
export async function untilAborted<T>(signal: AbortSignal, work: Promise<T> | T): Promise<T> {
  const ended = Promise.withResolvers<never>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = (): void => {
    timer = setTimeout(
      () => ended.reject(new TransientError("job_timed_out", "the attempt did not end with its time")),
      GRACE_MS,
    );
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    return await Promise.race([work, ended.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}
