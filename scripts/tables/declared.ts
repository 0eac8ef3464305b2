import { PgTable, getTableConfig } from "drizzle-orm/pg-core";
import { columnShape, type Tables, type TableShape } from "./shape.ts";

/** The tables that a service's `store/tables.ts` declares, from the module's exports. Throws when one is in another schema. */
export function declaredTables(schema: string, module: object): Tables {
  const tables = new Map<string, TableShape>();
  for (const declared of Object.values(module)) {
    if (!(declared instanceof PgTable)) continue;
    const config = getTableConfig(declared);
    if (config.schema !== schema)
      throw new TypeError(`${config.name} is declared in ${config.schema ?? "no schema"}, not in ${schema}`);
    const inColumns = config.columns.filter((column) => column.primary).map((column) => column.name);
    const [composite] = config.primaryKeys;
    tables.set(config.name, {
      columns: new Map(
        config.columns.map((column) => [
          column.name,
          columnShape({
            type: column.getSQLType(),
            notNull: column.notNull,
            identity: column.generatedIdentity !== undefined,
            generated: column.generated !== undefined,
          }),
        ]),
      ),
      primaryKey: composite === undefined ? inColumns : composite.columns.map((column) => column.name),
    });
  }
  return tables;
}
