/** So many a second, whatever becomes of the earlier ones; `stop` waits for those. */
export function steadily(perSecond: number, submit: () => Promise<void>): { stop(): Promise<void> } {
  const begun = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const timer = setInterval(() => {
    const one = submit().catch((error: unknown) => {
      failures.push(error);
    });
    begun.add(one);
    void one.then(() => begun.delete(one));
  }, 1_000 / perSecond);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(begun);
      if (failures.length > 0) throw new AggregateError(failures, "not every submission was taken");
    },
  };
}
