/** How many of something there are, by what it is counted by. */
export interface Total {
  readonly tenant: string;
  /** A ticket's status or category, a draft's outcome, a disposition, how a delivery ended. */
  readonly key: string;
  readonly count: number;
}

export interface Totals {
  /** By status. */
  readonly tickets: readonly Total[];
  /** Tickets by category, of those that have one. */
  readonly categories: readonly Total[];
  readonly drafts: readonly Total[];
  readonly dispositions: readonly Total[];
  /** Webhook deliveries that have ended, by how. */
  readonly deliveries: readonly Total[];
}

export interface Difference {
  readonly what: keyof Totals;
  readonly tenant: string;
  readonly key: string;
  readonly source: number;
  readonly indexed: number;
}

const WHAT = [
  "tickets",
  "categories",
  "drafts",
  "dispositions",
  "deliveries",
] as const satisfies readonly (keyof Totals)[];

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
