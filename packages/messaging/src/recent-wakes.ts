const KEEP_MS = 60_000;
const KEYS_MAX = 10_000;

/**
 * What this process has woken lately. A decision to wait is made on what was loaded; what it waits for may be committed
 * before the wait is, and would wake nobody. Another process's wakes are not seen here: there the wait ends by its own
 * retry time.
 */
export class RecentWakes {
  readonly #at = new Map<string, number>();

  /** To be called before the commit that wakes: too early costs one needless look, too late a whole retry time. */
  note(keys: readonly string[]): void {
    const now = performance.now();
    for (const key of keys) {
      // The newest stand last, so that the oldest are let go first.
      this.#at.delete(key);
      this.#at.set(key, now);
    }
    for (const [key, at] of this.#at) {
      if (this.#at.size <= KEYS_MAX && now - at <= KEEP_MS) break;
      this.#at.delete(key);
    }
  }

  /** Whether it was woken at or after a moment of `performance.now()`. */
  since(key: string, moment: number): boolean {
    const at = this.#at.get(key);
    return at !== undefined && at >= moment;
  }
}
