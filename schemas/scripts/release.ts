import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compatibilityProblems } from "./compatibility.ts";
import { eventSchemas } from "./json-schema.ts";
import { RELEASED, releasedName, releasedSchemas } from "./released-schemas.ts";

/** Adds the versions that are not released yet. A released file is never written again. */
const released = await releasedSchemas();
const problems = compatibilityProblems(released, eventSchemas());
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
const known = new Set(released.map(releasedName));
const added = eventSchemas().filter((schema) => !known.has(releasedName(schema)));
for (const schema of added)
  await writeFile(join(RELEASED, releasedName(schema)), `${JSON.stringify(schema, null, 2)}\n`, { flag: "wx" });
console.log(`${added.length} versions released`);
