/** oxfmt's layout; `npm run format` writes it. */
import { runTool } from "./tool.ts";
import { verdict } from "./verdict.ts";

const run = runTool("oxfmt/bin/oxfmt", ["--list-different", "."]);
const problems = run.output.split("\n").filter((line) => line !== "");
if (!run.ok && problems.length === 0) problems.push("oxfmt failed and said nothing");
verdict(
  "format",
  problems.map((file) => `${file}: not formatted; run \`npm run format\``),
  "oxfmt",
);
