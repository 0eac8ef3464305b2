/**
 * Writes docs/telemetry.md from the registry of spans and attributes and from the metrics that a process registers;
 * `--check` fails when it is out of date, or when a span of the registry names an attribute that is on no list.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Metrics } from "../packages/service/src/metrics.ts";
import { attributes } from "../packages/telemetry/src/attributes.ts";
import { spans } from "../packages/telemetry/src/spans.ts";
import { filesBelow } from "./checks/sources.ts";
import { page } from "./telemetry/page.ts";

const root = new URL("../", import.meta.url);
const PAGE = new URL("docs/telemetry.md", root);
/** `meter.counter("name", "help", ["label"])` and `gauge("name", "help")`: what a service counts of its own. */
const COUNTED = /\b(counter|gauge)\(\s*"(opsdesk_\w+)",\s*"([^"]*)",?\s*(?:\[([^\]]*)\])?/g;

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labels: readonly string[];
}

/** prom-client keeps a metric's labels to itself. */
interface Registered {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}

const ofTheRuntime = new Metrics().registry.getMetricsAsArray() as unknown as readonly Registered[];
const ofServices = filesBelow(new URL("services", root).pathname, /\/wiring\.ts$/).flatMap((file): readonly Metric[] =>
  [...readFileSync(new URL(`services/${file}`, root), "utf8").matchAll(COUNTED)].map(
    ([, type = "", name = "", help = "", labels = ""]) => ({
      name,
      help,
      type,
      // Every gauge of a service says whose it is.
      labels: type === "gauge" ? ["service"] : [...labels.matchAll(/"(\w+)"/g)].map(([, label = ""]) => label),
    }),
  ),
);
const metrics: readonly Metric[] = [
  ...ofTheRuntime.map(({ name, help, type, labelNames }) => ({ name, help, type, labels: labelNames })),
  ...ofServices,
].toSorted((a, b) => (a.name < b.name ? -1 : 1));

const used = new Set(spans.flatMap(({ always, sometimes }) => [...always, ...sometimes] as readonly string[]));
const problems = Object.keys(attributes).flatMap((name) => (used.has(name) ? [] : [`${name} is on no span`]));
const text = page({ spans, attributes, metrics });
if (process.argv.includes("--check")) {
  if (!existsSync(PAGE) || readFileSync(PAGE, "utf8") !== text)
    problems.push("docs/telemetry.md is out of date: run node scripts/generate-telemetry.ts");
} else writeFileSync(PAGE, text);
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
