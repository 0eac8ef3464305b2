/** oxlint with type-aware rules over every source. */
import { runTool } from "./tool.ts";
import { verdict } from "./verdict.ts";

const run = runTool("oxlint/bin/oxlint", [
  "--type-aware",
  "--deny-warnings",
  "--report-unused-disable-directives",
  "--format=unix",
  ".",
]);
const problems = run.output.split("\n").filter((line) => /^\S+:\d+:\d+: /.test(line));
if (!run.ok && problems.length === 0) problems.push(run.output);
verdict("lint", problems, "oxlint");
