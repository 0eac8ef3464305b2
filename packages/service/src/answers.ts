import { setTimeout as sleep } from "node:timers/promises";

/** Probes give up after some seconds, and would take a service for dead that only waits for a server. */
const ANSWER_MS_MAX = 3_000;

/** Whether this is fulfilled soon. Never throws. */
export const answers = (asked: Promise<unknown>, msMax = ANSWER_MS_MAX): Promise<boolean> =>
  Promise.race([
    asked.then(
      () => true,
      () => false,
    ),
    sleep(msMax, false, { ref: false }),
  ]);
