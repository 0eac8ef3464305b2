/** Where a group is in one partition at one moment. */
interface Position {
  readonly partition: string;
  /** The offset after the last record that the group has finished. */
  readonly committed: number;
  /** The offset after the last record of the partition. */
  readonly high: number;
}

export interface Look {
  /** Milliseconds. */
  readonly at: number;
  readonly positions: readonly Position[];
}

/**
 * For how long, in milliseconds, each partition had work and none of it was finished: the longest time within these
 * looks, so that a pause is known to one interval between them.
 */
export function longestPauses(looks: readonly Look[]): ReadonlyMap<string, number> {
  const since = new Map<string, { readonly at: number; readonly committed: number }>();
  const longest = new Map<string, number>();
  for (const { at, positions } of looks)
    for (const { committed, high, partition } of positions) {
      const waiting = since.get(partition);
      const moved = waiting !== undefined && committed > waiting.committed;
      if (waiting !== undefined) longest.set(partition, Math.max(longest.get(partition) ?? 0, at - waiting.at));
      if (committed >= high) since.delete(partition);
      else if (waiting === undefined || moved) since.set(partition, { at, committed });
      longest.set(partition, longest.get(partition) ?? 0);
    }
  return longest;
}
