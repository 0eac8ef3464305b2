import { type Breaker, CLOSED, failed, mayAsk } from "./decide/breaker.ts";

/** A store beside Postgres that may be away: its answer, or why there is none. Never throws. */
export interface Guarded {
  ask<T>(
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string }>;
}

interface Options {
  readonly deadlineMs: number;
  readonly now: () => number;
  readonly onTrouble: (reason: string, error: unknown) => void;
}

/** Asks with a deadline, and after a failure leaves the store alone for a while: what waits is a customer. */
export function guarded({ deadlineMs, now, onTrouble }: Options): Guarded {
  let breaker: Breaker = CLOSED;
  const refuse = (reason: string, error: unknown) => {
    breaker = failed(breaker, now());
    onTrouble(reason, error);
    return { ok: false as const, reason };
  };
  return {
    async ask(work) {
      if (!mayAsk(breaker, now())) return { ok: false, reason: "breaker_open" };
      const abort = new AbortController();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const deadline = new Promise<"late">((resolve) => {
        timer = setTimeout(() => resolve("late"), deadlineMs);
      });
      const working = work(abort.signal).then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
      const first = await Promise.race([working, deadline]);
      clearTimeout(timer);
      if (first === "late") {
        abort.abort();
        return refuse("timeout", undefined);
      }
      if ("error" in first) return refuse("unavailable", first.error);
      breaker = CLOSED;
      return { ok: true, value: first.value };
    },
  };
}
