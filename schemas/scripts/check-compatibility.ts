import { compatibilityProblems } from "./compatibility.ts";
import { eventSchemas } from "./json-schema.ts";
import { releasedSchemas } from "./released-schemas.ts";

const released = await releasedSchemas();
// A checker that finds nothing to check must not pass.
if (released.length === 0) throw new Error("no released schemas found");
const problems = compatibilityProblems(released, eventSchemas());
for (const problem of problems) console.error(problem);
console.log(`${released.length} released schemas compared, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
