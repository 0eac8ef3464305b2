/** TypeScript's own verdict over every source, and that it read all of them. */
import { root } from "../checkout.mjs";
import { filesBelow } from "./sources.ts";
import { runTool } from "./tool.ts";
import { verdict } from "./verdict.ts";

const run = runTool("typescript/bin/tsc", ["--noEmit", "--pretty", "false", "--listFiles"]);
const lines = run.output.split("\n");
const isListed = (line: string): boolean => /^(\/|[A-Za-z]:[\\/]).*\.(ts|tsx|mts|cts|json)$/.test(line);
const listed = new Set(lines.filter(isListed).map((line) => line.replaceAll("\\", "/")));
const sources = filesBelow(root, /^(schemas|packages|services|apps|tests|scripts)\/.*(?<!\.d)\.ts$/);
const unread = sources.filter((file) => !listed.has(`${root.replaceAll("\\", "/")}/${file}`));

const problems = [
  ...lines.filter((line) => line !== "" && !isListed(line)),
  ...unread.map((file) => `${file}: not in tsconfig.json's program`),
];
if (!run.ok && problems.length === 0) problems.push("tsc failed and said nothing");
verdict("types", problems, `${String(sources.length)} files`);
