import { median } from "../report.ts";

export interface Point {
  readonly tickets: number;
  readonly cost: number;
}

/** `a + b * log10(tickets)`, by least squares: what a tree's depth, and the share of it that is not in memory, cost. */
export function fitted(points: readonly Point[]): (tickets: number) => number {
  const logs = points.map(({ tickets }) => Math.log10(tickets));
  const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
  const [x, y] = [mean(logs), mean(points.map(({ cost }) => cost))];
  const across = logs.reduce((sum, log) => sum + (log - x) ** 2, 0);
  const along = points.reduce((sum, { cost }, n) => sum + ((logs[n] ?? x) - x) * (cost - y), 0);
  const slope = across === 0 ? 0 : along / across;
  return (tickets) => y + slope * (Math.log10(tickets) - x);
}

/** Part by part, since one that grows is lost among those that do not: each part's line, and their sum. */
export function extrapolated(
  runs: readonly { readonly size: number; readonly cpuMs: Readonly<Record<string, number>> }[],
  parts: readonly string[],
  tickets: number,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    parts.map((part) => {
      const sizes = [...new Set(runs.map(({ size }) => size))];
      const points = sizes.map((size) => ({
        tickets: size,
        cost: median(runs.filter((run) => run.size === size).map(({ cpuMs }) => cpuMs[part] ?? 0)),
      }));
      return [part, Number(fitted(points)(tickets).toFixed(2))];
    }),
  );
}
