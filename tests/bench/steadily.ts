/** So many a second, whatever becomes of the earlier ones; `stop` waits for those. */
export function steadily(perSecond: number, submit: () => Promise<void>): { stop(): Promise<void> } {
  const begun = new Set<Promise<void>>();
  let failure: unknown;
  const timer = setInterval(() => {
    const one = submit().catch((error: unknown) => {
      failure ??= error;
    });
    begun.add(one);
    void one.then(() => begun.delete(one));
  }, 1_000 / perSecond);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(begun);
      if (failure !== undefined) throw failure;
    },
  };
}
