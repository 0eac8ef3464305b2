import { setTimeout as sleep } from "node:timers/promises";
import { RejectedError, TransientError } from "@opsdesk/errors";

/** Repeats while nobody answers: the same external id or key makes a repeat harmless. */
export async function untilTaken<T>(send: () => Promise<T>): Promise<T> {
  for (let waitMs = 100; ; waitMs = Math.min(waitMs * 2, 800)) {
    try {
      return await send();
    } catch (error) {
      // A connection that breaks in the middle of an answer is an outage too, and so is a proxy with nobody behind it.
      const refused = error instanceof RejectedError && !("status" in error && Number(error.status) >= 500);
      if (refused || !(error instanceof RejectedError || error instanceof TransientError || error instanceof TypeError))
        throw error;
      await sleep(waitMs);
    }
  }
}
