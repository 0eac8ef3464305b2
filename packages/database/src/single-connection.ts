import { AsyncLocalStorage } from "node:async_hooks";
import { BugError } from "@opsdesk/errors";

const IDLE_MS_MAX = 5_000;

/**
 * Hands one connection to one user at a time, in the order of asking.
 *
 * With a single connection, whoever asks for it again while holding it waits for itself for ever. That is caught
 * at once by following the asynchronous context, and a holder that waits for anything but SQL is caught by the time
 * that it runs none.
 */
export class SingleConnection {
  #tail: Promise<unknown> = Promise.resolve();
  /** Since when the holder has run no statement; undefined while one runs, or nobody holds. */
  #idleSince: number | undefined;
  readonly #holder = new AsyncLocalStorage<true>();
  readonly #idleMsMax: number;

  constructor(idleMsMax = IDLE_MS_MAX) {
    this.#idleMsMax = idleMsMax;
  }

  async hold<T>(work: () => Promise<T>): Promise<T> {
    if (this.#holder.getStore() === true)
      throw new BugError("pool_reentered", "the database was used inside its own transaction: use the transaction's handle");
    return await new Promise<T>((resolve, reject) => {
      const watch = setInterval(() => {
        const idle = this.#idleSince === undefined ? 0 : performance.now() - this.#idleSince;
        if (idle < this.#idleMsMax) return;
        clearInterval(watch);
        // The waiter hears of it; the holder may still end, and its turn is skipped over then.
        reject(new BugError("pool_reentered", `a transaction has held the only connection for ${Math.round(idle)} ms without a statement`));
      }, 1_000);
      watch.unref();
      const turn = this.#tail.then(async () => {
        clearInterval(watch);
        this.#idleSince = performance.now();
        try {
          resolve(await this.#holder.run(true, work));
        } catch (error) {
          reject(error);
        } finally {
          this.#idleSince = undefined;
        }
      });
      this.#tail = turn;
    });
  }

  /** Runs one statement of the holder. */
  async statement<T>(run: () => Promise<T>): Promise<T> {
    this.#idleSince = undefined;
    try {
      return await run();
    } finally {
      this.#idleSince = performance.now();
    }
  }
}
