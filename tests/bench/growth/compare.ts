import { type Sizes, type TableSize, bytesOf, total } from "./store.ts";

/**
 * Tickets made by SQL, held against as many real ones. Rows that were updated leave room in the tables of real tickets,
 * which copies fill first, so tables made by SQL are the denser ones; indexes are what a new ticket looks through.
 */
export interface Comparison {
  readonly tickets: number;
  readonly bytesATicketReal: number;
  /** Of the bytes that SQL added to those of the real ones. */
  readonly heap: number;
  readonly indexes: number;
  /** By table, for those that hold the most: rows, bytes of rows and bytes of indexes a ticket, real and made. */
  readonly tables: Readonly<Record<string, Readonly<Record<"rows" | "heap" | "indexes", readonly [number, number]>>>>;
}

/** Smaller than a page or two: no shape to compare. */
const BYTES_MIN = 200;

/** `after`: the same store with so many copies of its tickets added. */
export function compared(
  real: Sizes,
  after: Sizes,
  { copies, tickets }: { readonly copies: number; readonly tickets: number },
): Comparison {
  const heapOf = ({ heap, outOfLine }: TableSize): number => heap + outOfLine;
  const indexesOf = ({ indexes }: TableSize): number => total(indexes);
  const tables = Object.entries(real).flatMap(([name, one]) => {
    const more = after[name];
    if (more === undefined || (heapOf(one) + indexesOf(one)) / tickets < BYTES_MIN || one.rows < tickets / 2) return [];
    const pair = (of: (size: TableSize) => number): readonly [number, number] => [
      of(one) / tickets,
      (of(more) - of(one)) / copies / tickets,
    ];
    return [{ name, rows: pair(({ rows }) => rows), heap: pair(heapOf), indexes: pair(indexesOf) }];
  });
  const ratio = (of: (table: (typeof tables)[number]) => readonly [number, number]): number => {
    const sum = (at: 0 | 1): number => tables.reduce((all, table) => all + of(table)[at], 0);
    return Number((sum(1) / sum(0)).toFixed(3));
  };
  const rounded = ([a, b]: readonly [number, number]): readonly [number, number] => [
    Number(a.toFixed(2)),
    Number(b.toFixed(2)),
  ];
  return {
    tickets,
    bytesATicketReal: Math.round(bytesOf(real) / tickets),
    heap: ratio(({ heap }) => heap),
    indexes: ratio(({ indexes }) => indexes),
    tables: Object.fromEntries(
      tables.map(({ heap, indexes, name, rows }) => [
        name,
        { rows: rounded(rows), heap: rounded(heap), indexes: rounded(indexes) },
      ]),
    ),
  };
}
