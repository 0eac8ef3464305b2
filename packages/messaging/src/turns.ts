/** Work under one name, one after another in the order in which it came; a failure ends only its own turn. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.#last.get(name) ?? Promise.resolve()).then(work);
    this.#last.set(
      name,
      mine.catch(() => undefined),
    );
    return mine;
  }
}
