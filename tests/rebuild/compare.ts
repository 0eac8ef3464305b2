import { createHash } from "node:crypto";

/** One thing, on either side: what it is, then everything that has to be the same. */
export interface Row {
  readonly id: string;
  readonly values: readonly unknown[];
}

/** What one side holds, small enough for a million rows. */
export interface Side {
  readonly count: number;
  /** Ids that were there more than once. */
  readonly repeated: readonly string[];
  /** Hash of the values by id. */
  readonly hashes: ReadonlyMap<string, string>;
  /** SHA-256 over all ids and hashes, whatever order they came in. */
  readonly checksum: string;
}

export interface Comparison {
  readonly source: number;
  readonly copy: number;
  readonly checksums: readonly [source: string, copy: string];
  readonly equal: boolean;
  /** How many, and of each the first few ids. */
  readonly missing: Named;
  readonly extra: Named;
  readonly different: Named;
  readonly repeated: Named;
}
interface Named {
  readonly count: number;
  readonly ids: readonly string[];
}

const NAMED_MAX = 5;

/** Reads rows to their end. Values are compared as JSON: write times and numbers alike on both sides. */
export async function sideOf(rows: AsyncIterable<Row> | Iterable<Row>): Promise<Side> {
  const hashes = new Map<string, string>();
  const repeated: string[] = [];
  let count = 0;
  for await (const { id, values } of rows) {
    count += 1;
    if (hashes.has(id)) repeated.push(id);
    hashes.set(id, createHash("sha256").update(JSON.stringify(values)).digest("base64"));
  }
  const whole = createHash("sha256");
  for (const id of [...hashes.keys()].sort()) whole.update(`${id} ${hashes.get(id) ?? ""}\n`);
  return { count, repeated, hashes, checksum: whole.digest("hex").slice(0, 16) };
}

export function compare(source: Side, copy: Side): Comparison {
  const missing = [...source.hashes.keys()].filter((id) => !copy.hashes.has(id));
  const extra = [...copy.hashes.keys()].filter((id) => !source.hashes.has(id));
  const different = [...source.hashes].flatMap(([id, hash]) => {
    const there = copy.hashes.get(id);
    return there === undefined || there === hash ? [] : [id];
  });
  const repeated = [...source.repeated, ...copy.repeated];
  return {
    source: source.count,
    copy: copy.count,
    checksums: [source.checksum, copy.checksum],
    // Two empty sides agree about nothing.
    equal:
      source.count > 0 && source.count === copy.count && source.checksum === copy.checksum && repeated.length === 0,
    missing: named(missing),
    extra: named(extra),
    different: named(different),
    repeated: named(repeated),
  };
}

const named = (ids: readonly string[]): Named => ({ count: ids.length, ids: ids.slice(0, NAMED_MAX) });
