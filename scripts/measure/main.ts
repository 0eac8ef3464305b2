/** `npm run measure -- <name> --data DIR [--out FILE] [--limit N]`: figures on data sets outside the checkout. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

interface Options {
  readonly limit: number | undefined;
}

type Measure = (dataDir: string, options: Options) => Promise<object>;

const measures: Readonly<Record<string, () => Promise<Measure>>> = {
  import: async () => (await import("./import.ts")).measureImport,
  router: async () => (await import("./router.ts")).measureRouter,
  retrieval: async () => (await import("./retrieval.ts")).measureRetrieval,
  groundedness: async () => (await import("./groundedness.ts")).measureGroundedness,
  injection: async () => (await import("./injection.ts")).measureInjection,
  fields: async () => (await import("./fields.ts")).measureFields,
};

const USAGE = `usage: npm run measure -- ${Object.keys(measures).join("|")} --data DIR [--out FILE] [--limit N]`;

function asked() {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { data: { type: "string" }, out: { type: "string" }, limit: { type: "string" } },
    });
    const load = positionals.length === 1 ? measures[positionals[0] ?? ""] : undefined;
    const data = values.data ?? process.env["OPSDESK_DATASETS"];
    const limit = values.limit === undefined ? undefined : Number(values.limit);
    if (load === undefined || data === undefined || (limit !== undefined && !(Number.isInteger(limit) && limit > 0)))
      return undefined;
    return { name: positionals[0], load, dataDir: resolve(data), out: values.out, limit };
  } catch {
    // Only an unknown option throws, and the usage says which there are.
    return undefined;
  }
}

const wanted = asked();
if (wanted === undefined) {
  process.stderr.write(`${USAGE}\nThe data sets' folder may also come from OPSDESK_DATASETS.\n`);
  process.exit(2);
}
const measure = await wanted.load();
const figures = await measure(wanted.dataDir, { limit: wanted.limit });
const report = `${JSON.stringify({ measure: wanted.name, at: new Date().toISOString(), node: process.version, ...figures }, null, 2)}\n`;
if (wanted.out !== undefined) await writeFile(wanted.out, report);
process.stdout.write(report);
// Pools and worker threads of what was measured must not keep a finished program alive.
process.exit("passed" in figures && figures.passed === false ? 1 : 0);
