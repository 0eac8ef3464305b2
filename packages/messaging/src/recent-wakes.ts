const KEEP_MS = 60_000;
const KEYS_MAX = 10_000;

/**
 * What this process wakes and has woken lately. A decision to wait is made on what was loaded; what it waits for may be
 * committed before the wait is, and would wake nobody. Another process's wakes are not seen here: there the wait ends by
 * its own retry time.
 */
export class RecentWakes {
  readonly #underWay = new Map<string, number>();
  readonly #endedAt = new Map<string, number>();

  /** Of a commit: what is loaded while it is under way may be from before it or from after it. */
  async during<T>(keys: readonly string[], commit: () => Promise<T>): Promise<T> {
    for (const key of keys) this.#underWay.set(key, (this.#underWay.get(key) ?? 0) + 1);
    try {
      return await commit();
    } finally {
      for (const key of keys) this.#end(key);
      this.#forget();
    }
  }

  /** Whether a commit that wakes it is under way, or ended at or after a moment of `performance.now()`. */
  since(key: string, moment: number): boolean {
    return this.#underWay.has(key) || (this.#endedAt.get(key) ?? -1) >= moment;
  }

  #end(key: string): void {
    const others = (this.#underWay.get(key) ?? 1) - 1;
    if (others === 0) this.#underWay.delete(key);
    else this.#underWay.set(key, others);
    // The newest stand last, so that the oldest are let go first.
    this.#endedAt.delete(key);
    this.#endedAt.set(key, performance.now());
  }

  #forget(): void {
    const now = performance.now();
    for (const [key, at] of this.#endedAt) {
      if (this.#endedAt.size <= KEYS_MAX && now - at <= KEEP_MS) break;
      this.#endedAt.delete(key);
    }
  }
}
