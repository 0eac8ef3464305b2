import { AsyncLocalStorage } from "node:async_hooks";
import { BugError } from "@opsdesk/errors";

const IDLE_MS_MAX = 5_000;

interface Waiting {
  readonly alone: boolean;
  readonly enter: () => void;
}

/**
 * Shares one session: single statements go side by side, a transaction has it alone, and all take turns in the order
 * of asking.
 *
 * Whoever asks for the session again inside its own transaction waits for itself for ever. That is caught at once by
 * following the asynchronous context, and a transaction that waits for anything but SQL is caught by the time that it
 * runs none.
 */
export class SingleConnection {
  readonly #waiting: Waiting[] = [];
  #sharing = 0;
  #alone = false;
  /** Since when the transaction has run no statement; undefined while one runs, or there is none. */
  #idleSince: number | undefined;
  readonly #inTransaction = new AsyncLocalStorage<true>();
  readonly #idleMsMax: number;

  constructor(idleMsMax = IDLE_MS_MAX) {
    this.#idleMsMax = idleMsMax;
  }

  /** One statement, beside others. */
  async shared<T>(work: () => Promise<T>): Promise<T> {
    await this.#turn(false);
    try {
      return await work();
    } finally {
      this.#sharing -= 1;
      this.#next();
    }
  }

  /** A transaction, with nothing beside it. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    await this.#turn(true);
    this.#idleSince = performance.now();
    try {
      return await this.#inTransaction.run(true, work);
    } finally {
      this.#idleSince = undefined;
      this.#alone = false;
      this.#next();
    }
  }

  /** Runs one statement of the transaction. */
  async statement<T>(run: () => Promise<T>): Promise<T> {
    this.#idleSince = undefined;
    try {
      return await run();
    } finally {
      if (this.#alone) this.#idleSince = performance.now();
    }
  }

  #turn(alone: boolean): Promise<void> {
    if (this.#inTransaction.getStore() === true)
      throw new BugError(
        "pool_reentered",
        "the database was used inside its own transaction: use the transaction's handle",
      );
    return new Promise((resolve, reject) => {
      const watch = setInterval(() => {
        const idle = this.#idleSince === undefined ? 0 : performance.now() - this.#idleSince;
        if (idle < this.#idleMsMax) return;
        clearInterval(watch);
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(
          new BugError(
            "pool_reentered",
            `a transaction has held the only connection for ${Math.round(idle)} ms without a statement`,
          ),
        );
      }, 1_000);
      watch.unref();
      const waiting: Waiting = {
        alone,
        enter: () => {
          clearInterval(watch);
          resolve();
        },
      };
      this.#waiting.push(waiting);
      this.#next();
    });
  }

  #next(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (this.#alone || (first.alone && this.#sharing > 0)) return;
      this.#waiting.shift();
      if (first.alone) this.#alone = true;
      else this.#sharing += 1;
      first.enter();
    }
  }
}
