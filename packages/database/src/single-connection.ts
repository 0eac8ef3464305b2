import { AsyncLocalStorage } from "node:async_hooks";
import { BugError } from "@opsdesk/errors";

const IDLE_MS_MAX = 5_000;

/** What its holder does with the session. */
export interface Turn {
  /** Runs one statement of it. */
  statement<T>(run: () => Promise<T>): Promise<T>;
  /** Its last statement has been sent: the session answers in the order of sending, so the next turn may begin. */
  leave(): void;
}

/** Time without a statement counts against its holder. */
class Held implements Turn {
  idleSince: number | undefined = performance.now();
  readonly #end: () => void;
  #running = 0;

  constructor(end: () => void) {
    this.#end = end;
  }

  async statement<T>(run: () => Promise<T>): Promise<T> {
    this.#running += 1;
    this.idleSince = undefined;
    try {
      return await run();
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.idleSince = performance.now();
    }
  }

  leave(): void {
    this.#end();
  }
}

/**
 * Shares one session: whoever has the turn sends its statements with nothing in between, and turns come in the order of
 * asking.
 *
 * Whoever asks for the session again inside its own transaction waits for itself for ever. That is caught at once by
 * following the asynchronous context, and a transaction that waits for anything but SQL is caught by the time that it
 * runs none.
 */
export class SingleConnection {
  readonly #waiting: (() => void)[] = [];
  #held: Held | undefined;
  readonly #inTurn = new AsyncLocalStorage<true>();
  readonly #idleMsMax: number;

  constructor(idleMsMax = IDLE_MS_MAX) {
    this.#idleMsMax = idleMsMax;
  }

  /** Has the session alone until the work has left, or has ended. */
  async alone<T>(work: (turn: Turn) => Promise<T>): Promise<T> {
    if (this.#inTurn.getStore() === true)
      throw new BugError(
        "pool_reentered",
        "the database was used inside its own transaction: use the transaction's handle",
      );
    const held = this.#held === undefined ? this.#grant() : await this.#waitForTurn();
    try {
      return await this.#inTurn.run(true, () => work(held));
    } finally {
      held.leave();
    }
  }

  #grant(): Held {
    const held = new Held(() => {
      if (this.#held !== held) return;
      this.#held = undefined;
      this.#waiting.shift()?.();
    });
    this.#held = held;
    return held;
  }

  #waitForTurn(): Promise<Held> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        clearInterval(watch);
        resolve(this.#grant());
      };
      const watch = setInterval(() => {
        const since = this.#held?.idleSince;
        const idle = since === undefined ? 0 : performance.now() - since;
        if (idle < this.#idleMsMax) return;
        clearInterval(watch);
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(
          new BugError(
            "pool_reentered",
            `a transaction has held the only connection for ${Math.round(idle)} ms without a statement`,
          ),
        );
      }, 1_000);
      watch.unref();
      this.#waiting.push(enter);
    });
  }
}
