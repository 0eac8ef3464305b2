import { setTimeout as sleep } from "node:timers/promises";
import { TransientError } from "@opsdesk/errors";
import { DeskRefusal } from "./client.ts";

/** Looks again and again until there is something to see. Throws TransientError `waited_too_long`. */
export async function until<T>(what: string, seconds: number, look: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + seconds * 1_000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > end) {
      const message = `After ${seconds} s there is still no ${what}.`;
      throw new TransientError("waited_too_long", message, { publicMessage: message });
    }
    await sleep(100);
  }
}

/** What a path answers, or undefined while there is nothing there. */
export async function ifThere<T>(ask: Promise<T>): Promise<T | undefined> {
  try {
    return await ask;
  } catch (error) {
    if (error instanceof DeskRefusal && error.status === 404) return undefined;
    throw error;
  }
}
