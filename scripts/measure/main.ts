/** `npm run measure -- <name>`: figures on data sets outside the checkout, or on what a seeded generator makes. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

interface Options {
  readonly limit: number | undefined;
}

type Measure = (dataDir: string, options: Options) => Promise<object>;

const onData: Readonly<Record<string, () => Promise<Measure>>> = {
  import: async () => (await import("./import.ts")).measureImport,
  router: async () => (await import("./router.ts")).measureRouter,
  retrieval: async () => (await import("./retrieval.ts")).measureRetrieval,
  groundedness: async () => (await import("./groundedness.ts")).measureGroundedness,
  injection: async () => (await import("./injection.ts")).measureInjection,
  fields: async () => (await import("./fields.ts")).measureFields,
};

const TICKETS = 100_000;
const SEED = 1;

const USAGE = `usage: npm run measure -- ${Object.keys(onData).join("|")} --data DIR [--out FILE] [--limit N]
       npm run measure -- rebuild [--tickets ${TICKETS}] [--seed ${SEED}] [--folder DIR] [--out FILE]
The data sets' folder may also come from OPSDESK_DATASETS.`;

const OPTIONS = {
  data: { type: "string" },
  out: { type: "string" },
  limit: { type: "string" },
  tickets: { type: "string" },
  seed: { type: "string" },
  folder: { type: "string" },
} as const;

interface Wanted {
  readonly name: string;
  readonly out: string | undefined;
  readonly measured: () => Promise<object>;
}

/** Undefined: not understood. */
function asked(): Wanted | undefined {
  try {
    const { positionals, values } = parseArgs({ allowPositionals: true, options: OPTIONS });
    const [name = ""] = positionals;
    const { data, limit, out, seed, tickets, folder: kept } = values;
    const generated = name === "rebuild";
    const foreign = generated ? [data, limit] : [tickets, seed, kept];
    if (positionals.length !== 1 || foreign.some((value) => value !== undefined)) return undefined;
    if (generated) {
      const options = {
        tickets: count(tickets) ?? TICKETS,
        seed: count(seed) ?? SEED,
        ...(kept === undefined ? {} : { folder: resolve(kept) }),
        say,
      };
      return {
        name,
        out,
        measured: async () => (await import("../../tests/rebuild/measure.ts")).measureRebuild(options),
      };
    }
    const load = onData[name];
    const folder = data ?? process.env["OPSDESK_DATASETS"];
    const options = { limit: count(limit) };
    if (load === undefined || folder === undefined) return undefined;
    return { name, out, measured: async () => await (await load())(resolve(folder), options) };
  } catch {
    // An unknown option or a number that is none, and the usage says which there are.
    return undefined;
  }
}

function count(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isInteger(number) || number <= 0) throw new RangeError(`${text} is no count`);
  return number;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

const wanted = asked();
if (wanted === undefined) {
  say(USAGE);
  process.exit(2);
}
const figures = await wanted.measured();
const report = `${JSON.stringify({ measure: wanted.name, at: new Date().toISOString(), node: process.version, ...figures }, null, 2)}\n`;
if (wanted.out !== undefined) await writeFile(wanted.out, report);
process.stdout.write(report);
// Pools and worker threads of what was measured must not keep a finished program alive.
process.exit("passed" in figures && figures.passed === false ? 1 : 0);
