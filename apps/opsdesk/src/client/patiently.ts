import { setTimeout as sleep } from "node:timers/promises";
import { TransientError } from "@opsdesk/errors";
import { DeskBusy } from "./client.ts";

const TRIES_MAX = 8;
const WAIT_MS_MAX = 10_000;

/** Asks again while the desk is busy or restarting, as late as it says (`Retry-After`); about half a minute in all. */
export async function patiently<T>(
  ask: () => Promise<T>,
  waitMs: (ms: number) => Promise<unknown> = sleep,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof TransientError) || tries === TRIES_MAX) throw error;
      const asked = error instanceof DeskBusy ? error.retryAfterSeconds : undefined;
      await waitMs(Math.min(asked === undefined ? 125 * 2 ** tries : asked * 1_000, WAIT_MS_MAX));
    }
  }
}
