import { setTimeout as sleep } from "node:timers/promises";
import { message } from "./message.ts";

export interface PollOptions {
  readonly withinMs: number;
  /** Named when it never answers. */
  readonly what: string;
  /** Gives up at once, whatever the time left. */
  readonly signal?: AbortSignal;
}

const EVERY_MS = 100;
const TRY_MS_MAX = 5_000;

/** Tries until it resolves. A try that hangs is given up: a server that is coming up may take a connection and say nothing. */
export async function poll(attempt: () => Promise<void>, options: PollOptions): Promise<void> {
  const until = Date.now() + options.withinMs;
  let last: unknown = new Error("not tried");
  while (Date.now() < until) {
    options.signal?.throwIfAborted();
    try {
      await inTime(attempt());
      return;
    } catch (error) {
      last = error;
    }
    await sleep(EVERY_MS);
  }
  options.signal?.throwIfAborted();
  throw new Error(`${options.what} did not answer within ${options.withinMs / 1_000} s: ${message(last)}`, {
    cause: last,
  });
}

function inTime(work: Promise<void>): Promise<void> {
  const gaveUp = new AbortController();
  const limit = sleep(TRY_MS_MAX, undefined, { signal: gaveUp.signal }).then(() => {
    throw new Error(`no answer in ${TRY_MS_MAX} ms`);
  });
  limit.catch(() => undefined);
  return Promise.race([work, limit]).finally(() => gaveUp.abort());
}
