import { type Sizes, type Work, total } from "./store.ts";

/** What the tickets of one run cost Postgres, each of them. */
export interface Spent {
  readonly walBytes: number;
  /** Pages of 8 KiB that went to the log as a whole, being the first change after a checkpoint. */
  readonly walPagesWhole: number;
  /** Pages that its own memory had not, by index and by table; those that matter. */
  readonly missed: Readonly<Record<string, number>>;
  /** Pages looked at, by index; those that matter. */
  readonly pages: Readonly<Record<string, number>>;
  /** Microseconds within Postgres by statement, most first. */
  readonly statements: readonly { readonly text: string; readonly micros: number; readonly calls: number }[];
  /** Bytes on disk, by table with its indexes; those that grow. */
  readonly grownBytes: Readonly<Record<string, number>>;
}

interface Look {
  readonly work: Work;
  readonly sizes: Sizes;
}

const STATEMENTS = 25;
const PAGES_MIN = 0.05;
const BYTES_MIN = 10;

export function spentBetween(before: Look, after: Look, tickets: number): Spent {
  const each = (value: number): number => Number((value / tickets).toFixed(3));
  const pages = (of: "pages" | "missed", what: readonly ("indexes" | "tables")[]): Readonly<Record<string, number>> =>
    Object.fromEntries(
      what
        .flatMap((kind) =>
          Object.entries(after.work[kind]).map(
            ([name, now]) => [name, each(now[of] - (before.work[kind][name]?.[of] ?? 0))] as const,
          ),
        )
        .filter(([, n]) => n >= PAGES_MIN)
        .toSorted(([, a], [, b]) => b - a),
    );
  return {
    walBytes: Math.round((after.work.wal.bytes - before.work.wal.bytes) / tickets),
    walPagesWhole: each(after.work.wal.pagesWhole - before.work.wal.pagesWhole),
    missed: pages("missed", ["indexes", "tables"]),
    pages: pages("pages", ["indexes"]),
    statements: Object.entries(after.work.statements)
      .map(([name, now]) => {
        const then = before.work.statements[name] ?? { calls: 0, ms: 0 };
        return { text: now.text, micros: each((now.ms - then.ms) * 1_000), calls: each(now.calls - then.calls) };
      })
      .filter(({ calls }) => calls > 0)
      .toSorted((a, b) => b.micros - a.micros)
      .slice(0, STATEMENTS),
    grownBytes: Object.fromEntries(
      Object.entries(after.sizes)
        .map(([name, now]) => {
          const then = before.sizes[name];
          const bytes = (size: Sizes[string] | undefined): number =>
            size === undefined ? 0 : size.heap + size.outOfLine + total(size.indexes);
          return [name, Math.round((bytes(now) - bytes(then)) / tickets)] as const;
        })
        .filter(([, bytes]) => bytes >= BYTES_MIN)
        .toSorted(([, a], [, b]) => b - a),
    ),
  };
}
