/** Whether a store that failed is asked again: not until `openUntil`, so that not every job waits for its deadline. */
export interface Breaker {
  readonly failures: number;
  /** Milliseconds since the epoch; 0 while it is asked. */
  readonly openUntil: number;
}

export const CLOSED: Breaker = { failures: 0, openUntil: 0 };

const PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 30_000;

export const mayAsk = ({ openUntil }: Breaker, now: number): boolean => now >= openUntil;

/** After a failure: each in a row doubles the pause. Whoever asks first after it tries for all. */
export const failed = ({ failures }: Breaker, now: number): Breaker => ({
  failures: failures + 1,
  openUntil: now + Math.min(PAUSE_MS * 2 ** failures, PAUSE_MS_MAX),
});
