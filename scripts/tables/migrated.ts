import { type Read, sql } from "../../packages/database/src/index.ts";
import { columnShape, type Tables, type TableShape } from "./shape.ts";

interface Row {
  readonly table_name: string;
  readonly column_name: string;
  readonly type: string;
  readonly not_null: boolean;
  readonly identity: boolean;
  readonly generated: boolean;
  /** Its place in the primary key, from 1. */
  readonly place: number | null;
}

/** The tables that a schema really has, from Postgres' own catalogue. */
export async function migratedTables(database: Read, schema: string): Promise<Tables> {
  const rows = await database.query<Row>(
    sql`select c.relname as table_name, a.attname as column_name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as not_null,
          a.attidentity <> '' as identity, a.attgenerated <> '' as generated, array_position(i.indkey::int2[], a.attnum) + 1 as place
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
          join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          left join pg_index i on i.indrelid = c.oid and i.indisprimary
        where n.nspname = ${schema} and c.relkind in ('r', 'p') and not c.relispartition
        order by c.relname, a.attnum`,
  );
  const tables = new Map<string, TableShape>();
  for (const [name, columns] of Map.groupBy(rows, (row) => row.table_name)) {
    tables.set(name, {
      columns: new Map(
        columns.map((row) => [
          row.column_name,
          columnShape({ type: row.type, notNull: row.not_null, identity: row.identity, generated: row.generated }),
        ]),
      ),
      primaryKey: columns
        .filter((row) => row.place !== null)
        .toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0))
        .map((row) => row.column_name),
    });
  }
  return tables;
}
