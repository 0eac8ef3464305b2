/** Files that a program writes are what it would write now, and contracts and migrations are still those of the last release. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../checkout.mjs";
import { verdict } from "./verdict.ts";

/** Each exits non-zero when what it wrote before is out of date. */
const programs: readonly (readonly string[])[] = [
  ["schemas/scripts/generate.ts", "--check"],
  ["schemas/scripts/check-compatibility.ts"],
  ["scripts/check-tables.ts"],
  ["scripts/released-migrations.ts", "--check"],
  ["scripts/generate-configuration.ts", "--check"],
  ["scripts/generate-telemetry.ts", "--check"],
  ["scripts/generate-analysts.ts", "--check"],
  ["scripts/generate-performance.ts", "--check"],
];

const present = programs.filter(([file = ""]) => existsSync(join(root, file)));
const problems = present.flatMap(([file = "", ...args]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(root, file), ...args],
    {
      cwd: root,
      encoding: "utf8",
    },
  );
  return status === 0
    ? []
    : [`${[file, ...args].join(" ")}: exit code ${String(status)}\n${`${stdout}${stderr}`.trimEnd()}`];
});
if (present.length === 0) problems.push("no generator was found");
verdict("generated", problems, `${String(present.length)} programs`);
