/** knip: files, exports and dependencies that nothing uses, and dependencies that nobody declared. */
import { runTool } from "./tool.ts";
import { verdict } from "./verdict.ts";

const run = runTool("knip/bin/knip.js", ["--no-progress", "--reporter=compact", "--treat-config-hints-as-errors"]);
const problems = run.ok ? [] : run.output.split("\n").filter((line) => line !== "");
verdict("unused", problems, "knip");
