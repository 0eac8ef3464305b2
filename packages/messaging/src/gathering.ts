interface Waiting<Part, Whole> {
  readonly parts: readonly Part[];
  readonly done: PromiseWithResolvers<Gathered<Whole> | undefined>;
}

type Gathered<Whole> = readonly [whole: Whole, from: number];

/**
 * Makes one piece of work of what several partitions hand over while the piece before is being done. Partitions keep
 * order, and most of the time each has an event or two: alone, each would cost a transaction. Nothing waits where
 * nothing is being done, and the more arrives the larger the pieces become.
 */
export class Gathering<Part, Whole> {
  readonly #work: (parts: readonly Part[]) => Promise<Whole>;
  readonly #partsMax: number;
  readonly #signal: AbortSignal;
  #waiting: Waiting<Part, Whole>[] = [];
  #working = false;

  /** `partsMax` bounds what is added to one piece; what one partition hands over stays together whatever its size. */
  constructor(partsMax: number, signal: AbortSignal, work: (parts: readonly Part[]) => Promise<Whole>) {
    this.#partsMax = partsMax;
    this.#signal = signal;
    this.#work = work;
  }

  /**
   * Answers what came of the whole piece, and where these parts begin in it. A failure is everyone's who is in it.
   * Undefined where nothing was begun because this process stops: one that is far behind has a hundred partitions
   * waiting here, and whoever stops it has no patience for all of them.
   */
  run(parts: readonly Part[]): Promise<Gathered<Whole> | undefined> {
    const done = Promise.withResolvers<Gathered<Whole> | undefined>();
    this.#waiting.push({ parts, done });
    if (!this.#working) void this.#goOn();
    return done.promise;
  }

  /** Not together with others: for who has failed in their company and must not fail them again. */
  alone(parts: readonly Part[]): Promise<Whole> {
    return this.#work(parts);
  }

  async #goOn(): Promise<void> {
    this.#working = true;
    while (this.#waiting.length > 0 && !this.#signal.aborted) {
      const piece = this.#next();
      const froms: number[] = [];
      const parts: Part[] = [];
      for (const one of piece) {
        froms.push(parts.length);
        parts.push(...one.parts);
      }
      try {
        const whole = await this.#work(parts);
        piece.forEach(({ done }, index) => done.resolve([whole, froms[index] ?? 0]));
      } catch (error) {
        for (const { done } of piece) done.reject(error);
      }
    }
    for (const { done } of this.#waiting.splice(0)) done.resolve(undefined);
    this.#working = false;
  }

  #next(): readonly Waiting<Part, Whole>[] {
    let count = 0;
    let length = 0;
    for (const { parts } of this.#waiting) {
      if (length > 0 && count + parts.length > this.#partsMax) break;
      count += parts.length;
      length += 1;
    }
    const piece = this.#waiting.slice(0, length);
    this.#waiting = this.#waiting.slice(length);
    return piece;
  }
}
