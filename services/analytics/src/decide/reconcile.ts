/** How many of something there are, by what it is counted by. */
export interface Total {
  readonly tenant: string;
  /** A ticket's status, a draft's outcome, a disposition. */
  readonly key: string;
  readonly count: number;
}

export interface Totals {
  readonly tickets: readonly Total[];
  readonly drafts: readonly Total[];
  readonly dispositions: readonly Total[];
}

export interface Difference {
  readonly what: keyof Totals;
  readonly tenant: string;
  readonly key: string;
  readonly source: number;
  readonly indexed: number;
}

const WHAT = ["tickets", "drafts", "dispositions"] as const satisfies readonly (keyof Totals)[];

/** Where the index and the owners' own tables count differently; empty when they agree. */
export function differences(source: Totals, indexed: Totals): readonly Difference[] {
  return WHAT.flatMap((what) => {
    const counts = new Map<string, { tenant: string; key: string; source: number; indexed: number }>();
    const count = (side: "source" | "indexed", totals: readonly Total[]): void => {
      for (const { tenant, key, count: n } of totals) {
        const id = JSON.stringify([tenant, key]);
        const known = counts.get(id) ?? { tenant, key, source: 0, indexed: 0 };
        counts.set(id, { ...known, [side]: known[side] + n });
      }
    };
    count("source", source[what]);
    count("indexed", indexed[what]);
    return [...counts.values()]
      .filter((one) => one.source !== one.indexed)
      .map((one) => ({ what, ...one }))
      .toSorted((a, b) => (`${a.tenant}/${a.key}` < `${b.tenant}/${b.key}` ? -1 : 1));
  });
}
