import { type Sql, identifier, join, sql } from "@opsdesk/database";

/**
 * How a column of a merged row comes to its value. What Postgres does to a stored row and what `mergeAll` does to the
 * rows of one batch must be the same, so both are made from these rules.
 */
export type Rule =
  /** The same in every event that carries it. */
  | "once"
  | "sum"
  | "min"
  | "max"
  /** From the event whose stamp (another property) is the greatest, or the least. */
  | { readonly wins: "last" | "first"; readonly stamp: string };

export interface Column {
  readonly name: string;
  readonly type: "text" | "bigint" | "boolean" | "timestamptz";
  readonly rule: Rule;
}

/** A table of merged rows: its key's properties and all other columns by property. */
export interface MergedTable {
  readonly table: Sql;
  readonly key: Readonly<Record<string, string>>;
  readonly columns: Readonly<Record<string, Column>>;
}

type Value = string | number | boolean | null | undefined;
/** A row by property; a missing property says nothing. */
export type Cells = Readonly<Record<string, Value>>;

/** One row a key. */
export function mergeAll(table: MergedTable, rows: readonly Cells[]): readonly Cells[] {
  const keys = Object.keys(table.key);
  const merged = new Map<string, Cells>();
  for (const row of rows) {
    const key = JSON.stringify(keys.map((name) => row[name]));
    const known = merged.get(key);
    merged.set(key, known === undefined ? row : mergeTwo(table, known, row));
  }
  return [...merged.values()];
}

function mergeTwo(table: MergedTable, a: Cells, b: Cells): Cells {
  const result: Record<string, Value> = { ...a };
  for (const [property, { rule, type }] of Object.entries(table.columns)) {
    const [left, right] = [a[property] ?? null, b[property] ?? null];
    if (left === null && right === null && typeof rule === "string") continue;
    if (rule === "once") result[property] = left ?? right;
    else if (rule === "sum") result[property] = Number(left ?? 0) + Number(right ?? 0);
    else if (rule === "min") result[property] = least(left, right, type);
    else if (rule === "max") result[property] = least(left, right, type) === left ? (right ?? left) : (left ?? right);
    else
      result[property] =
        stampOf(b, rule) !== null && (stampOf(a, rule) === null || beats(rule, stampOf(b, rule), stampOf(a, rule)))
          ? right
          : left;
  }
  return result;
}

const stampOf = (row: Cells, rule: { readonly stamp: string }): Value => row[rule.stamp] ?? null;
const beats = ({ wins }: { readonly wins: "last" | "first" }, a: Value, b: Value): boolean =>
  wins === "last" ? String(a) > String(b) : String(a) < String(b);

/** Null counts as nothing, as in Postgres. */
function least(a: Value, b: Value, type: Column["type"]): Value {
  if (a === null || a === undefined) return b;
  if (b === null || b === undefined) return a;
  const [x, y] = type === "timestamptz" ? [Date.parse(String(a)), Date.parse(String(b))] : [Number(a), Number(b)];
  return y < x ? b : a;
}

/**
 * One statement for the merged rows of a batch. Only the columns of `properties` are written, so a kind of event
 * that touches few of them costs little; its text is the same for every batch.
 */
export function mergingUpsert(
  table: MergedTable,
  generation: number,
  properties: readonly string[],
  patches: readonly Cells[],
): Sql {
  const rows = mergeAll(table, patches);
  const columns = properties.map((property) => ({ property, ...columnOf(table, property) }));
  const keyColumns = Object.entries(table.key).map(([property, name]) => ({ property, name }));
  const every = [...keyColumns.map((key) => ({ ...key, type: "text" as const })), ...columns];
  const arrays = every.map(
    ({ property, type }) => sql`${rows.map((row) => row[property] ?? null)}::${identifier(type)}[]`,
  );
  const names = join(
    every.map(({ name }) => identifier(name)),
    ", ",
  );
  const values = join(
    [
      ...keyColumns.map(({ name }) => sql`u.${identifier(name)}`),
      ...columns.map(({ name, rule }) =>
        rule === "sum" ? sql`coalesce(u.${identifier(name)}, 0)` : sql`u.${identifier(name)}`,
      ),
    ],
    ", ",
  );
  return sql`insert into ${table.table} as t (generation, ${names})
    select ${generation}::integer, ${values} from unnest(${join(arrays, ", ")}) u(${names})
    on conflict (tenant, generation, ${join(
      keyColumns.slice(1).map(({ name }) => identifier(name)),
      ", ",
    )})
    do update set ${join(
      columns.map((column) => assignment(table, column)),
      ", ",
    )}`;
}

function assignment(table: MergedTable, { name, rule }: Column): Sql {
  const column = identifier(name);
  if (rule === "once") return sql`${column} = coalesce(t.${column}, excluded.${column})`;
  if (rule === "sum") return sql`${column} = t.${column} + excluded.${column}`;
  if (rule === "min") return sql`${column} = least(t.${column}, excluded.${column})`;
  if (rule === "max") return sql`${column} = greatest(t.${column}, excluded.${column})`;
  const stamp = identifier(columnOf(table, rule.stamp).name);
  const wins = rule.wins === "last" ? sql`>` : sql`<`;
  // With no stamp in the new row the comparison is null, and the old value stays.
  return sql`${column} = case when excluded.${stamp} ${wins} t.${stamp} or t.${stamp} is null then excluded.${column} else t.${column} end`;
}

function columnOf(table: MergedTable, property: string): Column {
  const column = table.columns[property];
  if (column === undefined) throw new TypeError(`no column for ${property}`);
  return column;
}
