/**
 * Writes docs/performance.md and its charts from the report in docs/performance/pipeline.json. With the path of another
 * report it takes that one first; `--check` fails when the page is not of its report.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { pipelineCharts } from "../tests/bench/pipeline/charts.ts";
import type { PipelineReport } from "../tests/bench/pipeline/main.ts";
import { page } from "../tests/bench/pipeline/page.ts";

const docs = new URL("../docs/", import.meta.url);
const REPORT = new URL("performance/pipeline.json", docs);
const [argument] = process.argv.slice(2);
const checking = argument === "--check";

if (argument !== undefined && !checking) {
  mkdirSync(new URL("./", REPORT), { recursive: true });
  copyFileSync(argument, REPORT);
}
if (existsSync(REPORT)) {
  const report = JSON.parse(readFileSync(REPORT, "utf8")) as PipelineReport;
  const charts = await pipelineCharts(report);
  const files = new Map([...charts].map(([name, svg]) => [`performance/${name}`, `${svg}\n`]));
  files.set("performance.md", page(report, [...charts.keys()]));
  for (const [name, content] of files) {
    const file = new URL(name, docs);
    if (!checking) writeFileSync(file, content);
    else if (!existsSync(file) || readFileSync(file, "utf8") !== content) {
      process.stdout.write(`docs/${name} is not of its report: run node scripts/generate-performance.ts\n`);
      process.exitCode = 1;
    }
  }
} else process.stdout.write("docs/performance/pipeline.json is not there: nothing was measured\n");
