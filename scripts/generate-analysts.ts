/**
 * Writes what analysts are given from the fields that services/analytics declares: the data dictionary, and saved
 * objects for OpenSearch Dashboards; `--check` fails when one is out of date.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dictionary } from "../services/analytics/src/decide/dictionary.ts";
import { savedObjects } from "../services/analytics/src/decide/saved-objects.ts";

const root = new URL("../", import.meta.url);
const files: Readonly<Record<string, string>> = {
  "docs/analysts/dictionary.md": dictionary(),
  "docs/analysts/dashboard.ndjson": savedObjects("opsdesk"),
};

for (const [name, content] of Object.entries(files)) {
  const file = new URL(name, root);
  if (process.argv.includes("--check")) {
    if (existsSync(file) && readFileSync(file, "utf8") === content) continue;
    process.stdout.write(`${name} is out of date: run node scripts/generate-analysts.ts\n`);
    process.exitCode = 1;
  } else {
    mkdirSync(new URL("./", file), { recursive: true });
    writeFileSync(file, content);
  }
}
