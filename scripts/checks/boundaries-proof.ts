/**
 * Proves that the boundary checkers see what they are set to see: over a small clean workspace they are content, and
 * with one forbidden import planted for each rule they name each. A mis-set checker passes over nothing.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../checkout.mjs";
import { writeWorkspace } from "./boundaries-fixture.ts";
import { boundaryRules } from "./boundary-rules.ts";
import { runTool, type ToolRun } from "./tool.ts";
import { verdict } from "./verdict.ts";

interface Plant {
  /** As the checker names it. */
  readonly rule: string;
  readonly file: string;
  readonly content: string;
}

const ALPHA = "services/alpha/src";
const imports = (rule: string, file: string, specifier: string): Plant => ({
  rule,
  file,
  content: `import * as planted from "${specifier}";\nexport const use = planted;\n`,
});

const crossings: readonly Plant[] = [
  imports("decide-is-pure", `${ALPHA}/decide/p-store.ts`, "../store/rows.ts"),
  imports("decide-is-pure", `${ALPHA}/decide/p-database.ts`, "@opsdesk/database"),
  imports("decide-is-pure", `${ALPHA}/decide/p-bus.ts`, "@opsdesk/messaging/log-bus"),
  imports("decide-is-pure", `${ALPHA}/decide/p-node.ts`, "node:crypto"),
  {
    rule: "decide-is-pure",
    file: `${ALPHA}/decide/p-type.ts`,
    content: `import type { Rows } from "../store/rows.ts";\nexport type Use = Rows;\n`,
  },
  imports("handlers-and-jobs-use-ports", `${ALPHA}/handlers/p-adapter.ts`, "@opsdesk/database/pglite"),
  imports("handlers-and-jobs-use-ports", `${ALPHA}/jobs/p-wiring.ts`, "../config.ts"),
  imports("store-is-sql-only", `${ALPHA}/store/p-decide.ts`, "../decide/rule.ts"),
  imports("store-is-sql-only", `${ALPHA}/store/p-handler.ts`, "../handlers/on-event.ts"),
  imports("clients-know-no-decisions", `${ALPHA}/clients/p-decide.ts`, "../decide/rule.ts"),
  imports("portable-layers-without-node", `${ALPHA}/handlers/p-node.ts`, "node:fs"),
  imports("portable-layers-without-node", `${ALPHA}/store/p-node.ts`, "fs"),
  imports("services-apart", `${ALPHA}/handlers/p-service.ts`, "@opsdesk/service-beta"),
  imports("services-apart", `${ALPHA}/p-service.ts`, "../../beta/src/decide/rule.ts"),
  imports("services-below-apps", `${ALPHA}/p-app.ts`, "../../../apps/desk/src/main.ts"),
  imports("packages-below-services", "packages/jobs/src/p-service.ts", "@opsdesk/service-beta"),
  imports("servers-for-tests-only", `${ALPHA}/p-servers.ts`, "@opsdesk/servers"),
  imports("schemas-stand-alone", "schemas/src/p-database.ts", "@opsdesk/database"),
  imports("schemas-stand-alone", "schemas/src/p-node.ts", "node:path"),
  imports("workspace-by-name", "packages/jobs/src/p-relative.ts", "../../database/src/index.ts"),
  imports("tests-stay-out-of-the-product", `${ALPHA}/handlers/p-testing.ts`, "@opsdesk/database/testing"),
  imports("product-without-dev-packages", `${ALPHA}/clients/p-dev.ts`, "test-tool"),
  imports("environment-through-config", `${ALPHA}/p-process.ts`, "node:process"),
  imports("no-cycles", `${ALPHA}/http/p-one.ts`, "./p-two.ts"),
  {
    rule: "everything-resolves",
    file: `${ALPHA}/http/p-two.ts`,
    content: `import { use } from "./p-one.ts";\nimport { missing } from "./not-there.ts";\nexport const both = [use, missing];\n`,
  },
  imports("only-database-knows-pg", `${ALPHA}/store/p-pg.ts`, "pg"),
  imports("only-database-knows-electric-sql", "packages/jobs/src/p-pglite.ts", "@electric-sql/pglite"),
  imports("only-jobs-knows-pg-boss", `${ALPHA}/jobs/p-boss.ts`, "pg-boss"),
  imports("only-messaging-knows-kafkajs", `${ALPHA}/handlers/p-kafka.ts`, "kafkajs"),
  imports("only-kafka-admin-knows-platformatic-kafka", "apps/desk/src/p-kafka.ts", "@platformatic/kafka"),
  imports("only-clients-knows-neo4j-driver", `${ALPHA}/store/p-graph.ts`, "neo4j-driver"),
  imports("only-clients-knows-opensearch-project-opensearch", `${ALPHA}/p-wiring.ts`, "@opensearch-project/opensearch"),
  imports("only-clients-knows-anthropic-ai-sdk", `${ALPHA}/p-model.ts`, "@anthropic-ai/sdk"),
];

const IMPURE: Readonly<Record<string, string>> = {
  now: "Date.now()",
  date: "new Date()",
  "date-call": "Date()",
  random: "Math.random()",
  crypto: "crypto.randomUUID()",
  performance: "performance.now()",
  fetch: "fetch('')",
  timer: "setTimeout(() => 0, 1)",
  global: "globalThis.crypto",
};
const lints: readonly Plant[] = [
  ...Object.entries(IMPURE).map(([name, expression]) => ({
    rule: "opsdesk(pure-decide)",
    file: `${ALPHA}/decide/p-${name}.ts`,
    content: `export const use = (): unknown => ${expression};\n`,
  })),
  {
    rule: "opsdesk(pure-decide)",
    file: `${ALPHA}/decide/p-new-id.ts`,
    content: `import { newId } from "@opsdesk/identity";\nexport const use = newId;\n`,
  },
  { rule: "opsdesk(environment-in-main)", file: `${ALPHA}/wiring-p.ts`, content: `export const use = process.env;\n` },
  // An override that replaced the base rules instead of adding to them would let these two through.
  { rule: "import(no-default-export)", file: `${ALPHA}/decide/p-default.ts`, content: `export default 1;\n` },
  {
    rule: "typescript(no-explicit-any)",
    file: `${ALPHA}/decide/p-any.ts`,
    content: `export const use = (value: any): unknown => value;\n`,
  },
];

const bundled: readonly Plant[] = [
  imports(`needs-node/index.js:1: Could not resolve "node:fs"`, `${ALPHA}/jobs/p-needs-node.ts`, "needs-node"),
];

function runCheck(name: string, workspace: string): ToolRun {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "scripts/checks", `${name}.ts`), workspace],
    { encoding: "utf8" },
  );
  return { ok: status === 0, output: `${stdout}${stderr}` };
}

function runLint(workspace: string): ToolRun {
  cpSync(join(root, ".oxlintrc.json"), join(workspace, ".oxlintrc.json"));
  mkdirSync(join(workspace, "scripts"), { recursive: true });
  cpSync(join(root, "scripts/lint"), join(workspace, "scripts/lint"), { recursive: true });
  return runTool("oxlint/bin/oxlint", ["--format=unix", "services"], workspace);
}

const checkers: readonly {
  readonly name: string;
  readonly plants: readonly Plant[];
  readonly run: (workspace: string) => ToolRun;
  readonly namesFile: boolean;
}[] = [
  { name: "boundaries", plants: crossings, run: (workspace) => runCheck("boundaries", workspace), namesFile: true },
  { name: "lint", plants: lints, run: runLint, namesFile: true },
  // A bundler names the file that cannot be bundled, not the one that asked for it.
  { name: "portable", plants: bundled, run: (workspace) => runCheck("portable", workspace), namesFile: false },
];

const planted = new Set(crossings.map(({ rule }) => rule));
const problems = boundaryRules
  .filter(({ name }) => !planted.has(name))
  .map(({ name }) => `no import is planted for the rule ${name}`);
const scratch = realpathSync(mkdtempSync(join(tmpdir(), "opsdesk-boundaries-")));
try {
  for (const { name, plants, run, namesFile } of checkers) {
    const clean = join(scratch, `${name}-clean`);
    writeWorkspace(clean, {});
    const before = run(clean);
    if (!before.ok) problems.push(`${name}: red over a clean workspace:\n${before.output}`);
    if (/\b0 modules\b/.test(before.output)) problems.push(`${name}: read nothing`);

    const dirty = join(scratch, `${name}-planted`);
    writeWorkspace(dirty, Object.fromEntries(plants.map(({ file, content }) => [file, content])));
    const after = run(dirty);
    if (after.ok) problems.push(`${name}: green over ${String(plants.length)} forbidden imports`);
    const lines = after.output.split("\n");
    for (const { rule, file } of plants) {
      const seen = lines.some((line) => line.includes(rule) && (!namesFile || line.startsWith(file)));
      if (!seen) problems.push(`${name}: ${rule} did not see ${file}`);
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
verdict("boundaries-proof", problems, `${String(crossings.length + lints.length + bundled.length)} plants`);
