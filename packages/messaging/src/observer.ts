/** What operators want to know of messaging. All calls are synchronous and must not throw. */
export interface Observer {
  processed(consumer: string, outcome: "done" | "ignored" | "deferred" | "rejected" | "duplicate", count: number): void;
  batch(consumer: string, seconds: number): void;
  job(
    queue: string,
    outcome: "done" | "ignored" | "deferred" | "retried" | "exhausted" | "lost",
    seconds: number,
  ): void;
  published(count: number): void;
  /** An event was parked; `code` says why. */
  parked(consumer: string, code: string): void;
  /** Something that an operator should read; `code` is stable. */
  trouble(code: string, message: string, error?: unknown): void;
}

export const silentObserver: Observer = {
  processed() {},
  batch() {},
  job() {},
  published() {},
  parked() {},
  trouble() {},
};
