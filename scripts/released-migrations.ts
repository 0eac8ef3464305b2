/**
 * Adds new migrations to the list of those that databases may have applied, which are never edited again. With
 * `--check`: says which were edited, lost or not yet added.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { everyService } from "../apps/opsdesk/src/up/services.ts";
import { sha256Hex } from "../packages/identity/src/index.ts";
import { migrationsOf } from "../packages/service/src/host.ts";
import { inCheckout } from "./checkout.mjs";

const LIST = inCheckout("scripts", "released-migrations.json");

const released = JSON.parse(readFileSync(LIST, "utf8")) as Readonly<Record<string, string>>;
const current = new Map<string, string>();
for (const definition of await everyService())
  for (const { name, text } of await migrationsOf(definition))
    current.set(`${definition.name}/${name}`, sha256Hex(text));

const problems = Object.entries(released)
  .filter(([name, hash]) => current.get(name) !== hash)
  .map(([name]) =>
    current.has(name)
      ? `${name} was edited: databases that have applied it refuse to go on. Restore it and add a new one.`
      : `${name} is gone: restore it.`,
  );
const added = [...current].filter(([name]) => released[name] === undefined);
if (process.argv.includes("--check"))
  problems.push(...added.map(([name]) => `${name} is new: run node scripts/released-migrations.ts`));
else if (problems.length === 0) {
  const all = Object.entries({ ...released, ...Object.fromEntries(added) }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(LIST, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
}
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
