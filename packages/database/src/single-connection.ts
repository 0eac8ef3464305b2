import { AsyncLocalStorage } from "node:async_hooks";
import { BugError } from "@opsdesk/errors";

const HOLD_MS_MAX = 5_000;

/**
 * Hands one connection to one user at a time, in the order of asking.
 *
 * With a single connection, whoever asks for it again while holding it waits for itself for ever. That is caught
 * at once by following the asynchronous context, and a holder that waits for anything but SQL is caught by time.
 */
export class SingleConnection {
  #tail: Promise<unknown> = Promise.resolve();
  #heldSince: number | undefined;
  readonly #holder = new AsyncLocalStorage<true>();
  readonly #holdMsMax: number;

  constructor(holdMsMax = HOLD_MS_MAX) {
    this.#holdMsMax = holdMsMax;
  }

  async hold<T>(work: () => Promise<T>): Promise<T> {
    if (this.#holder.getStore() === true)
      throw new BugError("pool_reentered", "the database was used inside its own transaction: use the transaction's handle");
    const turn = this.#tail.then(async () => {
      this.#heldSince = performance.now();
      try {
        return await this.#holder.run(true, work);
      } finally {
        this.#heldSince = undefined;
      }
    });
    this.#tail = turn.catch(() => undefined);
    return await this.#orTooLong(turn);
  }

  /** Rejects the waiter, not the holder: the holder's work may still end, but nobody waits for it unheard. */
  #orTooLong<T>(turn: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const watch = setInterval(() => {
        const held = this.#heldSince === undefined ? 0 : performance.now() - this.#heldSince;
        if (held < this.#holdMsMax) return;
        clearInterval(watch);
        reject(new BugError("pool_reentered", `a transaction has held the only connection for ${Math.round(held)} ms`));
      }, 1_000);
      watch.unref();
      turn.then(resolve, reject).finally(() => clearInterval(watch));
    });
  }
}
