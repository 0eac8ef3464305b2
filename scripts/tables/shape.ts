/** A table as the check sees it, whether it was read from a declaration or from a database. */
export interface TableShape {
  /** By name: type as Postgres writes it, with `not null`, `identity` and `generated` where they hold. */
  readonly columns: ReadonlyMap<string, string>;
  /** In order; empty without one. */
  readonly primaryKey: readonly string[];
}

export type Tables = ReadonlyMap<string, TableShape>;

export function columnShape(column: { type: string; notNull: boolean; identity: boolean; generated: boolean }): string {
  const marks = [column.notNull && "not null", column.identity && "identity", column.generated && "generated"];
  return [column.type, ...marks.filter((mark) => mark !== false)].join(" ");
}

/** Every difference between what is declared and what the migrations make, in words. */
export function differences(schema: string, declared: Tables, migrated: Tables): readonly string[] {
  return union(declared, migrated).flatMap((name) => {
    const table = `${schema}.${name}`;
    const wanted = declared.get(name);
    const made = migrated.get(name);
    if (wanted === undefined) return [`${table}: made by the migrations, not declared`];
    if (made === undefined) return [`${table}: declared, not made by the migrations`];
    const columns = union(wanted.columns, made.columns).flatMap((column) => {
      const [a, b] = [wanted.columns.get(column), made.columns.get(column)];
      return a === b ? [] : [`${table}.${column}: declared ${a ?? "nowhere"}, migrated ${b ?? "nowhere"}`];
    });
    const [a, b] = [wanted.primaryKey.join(", "), made.primaryKey.join(", ")];
    return a === b ? columns : [...columns, `${table}: primary key declared (${a}), migrated (${b})`];
  });
}

const union = (one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): readonly string[] =>
  [...new Set([...one.keys(), ...other.keys()])].toSorted();
