/**
 * Holds what each service declares in `src/store/tables.ts` against what its migrations make, in an embedded Postgres,
 * both ways. Changes are then planted one by one, each of which must be noticed.
 */
import { existsSync } from "node:fs";
import { everyService } from "../apps/opsdesk/src/up/services.ts";
import { migrate, provision } from "../packages/database/src/index.ts";
import { PgliteInstallation } from "../packages/database/src/pglite.ts";
import { migrationsOf } from "../packages/service/src/host.ts";
import { declaredTables } from "./tables/declared.ts";
import { migratedTables } from "./tables/migrated.ts";
import { plantCount, unnoticedPlants } from "./tables/plants.ts";
import { differences, type Tables } from "./tables/shape.ts";

/** Made by the runtime in every slice; no service's own. */
const RUNTIME = new Set([
  "migrations",
  "inbox",
  "outbox",
  "inbox_marks",
  "inbox_floors",
  "recoveries",
  "deferred_events",
  "dead_letters",
]);

async function declarationsOf(name: string, schema: string): Promise<Tables> {
  const file = new URL(`../services/${name}/src/store/tables.ts`, import.meta.url);
  // Without declarations every table that the migrations make is a difference.
  return existsSync(file) ? declaredTables(schema, (await import(file.href)) as object) : new Map();
}

const services = await everyService();
const installation = await PgliteInstallation.open();
const problems: string[] = [];
let compared = 0;
try {
  const database = installation.as("postgres");
  for (const definition of services) {
    const { name, schema } = definition;
    await provision(database, schema);
    await migrate(installation, { schema, migrations: await migrationsOf(definition) });
    const all = await migratedTables(database, schema);
    const missing = [...RUNTIME].filter((table) => !all.has(table));
    problems.push(...missing.map((table) => `${schema}.${table}: the runtime's own table was not found`));
    const declared = await declarationsOf(name, schema);
    problems.push(...differences(schema, declared, new Map([...all].filter(([table]) => !RUNTIME.has(table)))));
    compared += declared.size;
  }
  if (compared === 0) problems.push("no declared table was found");
  const [first] = services;
  if (first !== undefined)
    problems.push(...(await unnoticedPlants(installation.as(`${first.schema}_owner`), first.schema)));
} finally {
  await installation.close();
}
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(
  `${compared} tables of ${services.length} services, ${plantCount} plants: ${problems.length} problems\n`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
