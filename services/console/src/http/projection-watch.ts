/** Tells who waits that a tenant's projection has moved on. */
export interface ProjectionWatch {
  /**
   * Resolves with the newest position as soon as it is behind `after`; with undefined when `signal` aborts first.
   * Everything up to that position can be read then.
   */
  moved(tenant: string, after: number, signal: AbortSignal): Promise<number | undefined>;
  /** Lets everyone go. */
  close(): void;
}

interface Waiter {
  readonly tenant: string;
  readonly after: number;
  readonly settle: (position: number | undefined) => void;
}

/**
 * One look at the newest positions every `everyMs` serves all who wait, however many; nobody waiting costs nothing.
 * A look that fails is taken again: waiting ends by its own deadline, not by a database that is away for a moment.
 */
export function projectionWatch(
  heads: (tenants: readonly string[]) => Promise<ReadonlyMap<string, number>>,
  everyMs: number,
): ProjectionWatch {
  const waiting = new Set<Waiter>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const again = (): void => {
    timer ??= setTimeout(() => {
      void look().finally(() => {
        timer = undefined;
        if (waiting.size > 0) again();
      });
    }, everyMs);
  };

  async function look(): Promise<void> {
    const positions = await heads([...new Set([...waiting].map((one) => one.tenant))]).catch(
      () => new Map<string, number>(),
    );
    for (const one of waiting) {
      const position = positions.get(one.tenant) ?? 0;
      if (position > one.after) one.settle(position);
    }
  }

  return {
    moved: (tenant, after, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve(undefined);
        const end = (): void => waiter.settle(undefined);
        const waiter: Waiter = {
          tenant,
          after,
          settle: (position) => {
            waiting.delete(waiter);
            signal.removeEventListener("abort", end);
            resolve(position);
          },
        };
        signal.addEventListener("abort", end, { once: true });
        waiting.add(waiter);
        again();
      }),
    close: () => {
      clearTimeout(timer);
      for (const one of waiting) one.settle(undefined);
    },
  };
}
