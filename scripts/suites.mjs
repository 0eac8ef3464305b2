/** Runs jest over one kind of suite and closes with `total: N passed, M failed`. */
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { inCheckout, root } from "./checkout.mjs";
import { runInForeground } from "./processes.mjs";
import { compileCache, ensureTemplate } from "./packages.mjs";
import { environmentFor } from "./runtime.mjs";

/** What each kind needs to run: nothing but Node, nothing but Node and more patience, or real servers. */
export const kinds = {
  embedded: /\.(unit|int|e2e)\.test\.ts$/,
  long: /\.long\.test\.ts$/,
  stack: /\.stack\.test\.ts$/,
};

export async function runSuites(runtime, kind, args) {
  await ensureTemplate(runtime);
  const suites = suitesOf(kinds[kind]);
  const folder = mkdtempSync(join(tmpdir(), "opsdesk-test-"));
  const report = join(folder, "report.json");
  const code = await runInForeground(
    runtime.node,
    [
      "--experimental-vm-modules",
      "--disable-warning=ExperimentalWarning",
      inCheckout("node_modules", "jest", "bin", "jest.js"),
      "--json",
      `--outputFile=${report}`,
      ...(process.env.CI === undefined ? [] : ["--ci"]),
      ...args,
    ],
    // With --json jest prints the report on stdout as well: the file is enough.
    {
      env: environmentFor(runtime, { OPSDESK_SUITES: kind, NODE_COMPILE_CACHE: compileCache() }),
      stdio: ["inherit", "ignore", "inherit"],
    },
  );
  const { passed, failures } = judge(report, args.length === 0 ? suites : []);
  rmSync(folder, { recursive: true, force: true });
  if (code !== 0 && failures.length === 0) failures.push(`jest ended with exit code ${code}`);
  for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
  process.stdout.write(`total: ${passed} passed, ${failures.length} failed\n`);
  return failures.length === 0 ? 0 : 1;
}

/** Counts tests, and every suite that failed to load, was skipped as a whole or never ran, as one failure each. */
function judge(report, expected) {
  let results;
  try {
    results = JSON.parse(readFileSync(report, "utf8")).testResults;
  } catch {
    return { passed: 0, failures: ["jest wrote no report"] };
  }
  const failures = [];
  let passed = 0;
  for (const suite of results) {
    const name = relative(root, suite.name);
    const ran = suite.assertionResults.filter(({ status }) => status === "passed" || status === "failed");
    for (const { fullName } of ran.filter(({ status }) => status === "failed")) failures.push(`${name}: ${fullName}`);
    passed += ran.filter(({ status }) => status === "passed").length;
    if (ran.length === 0) failures.push(`${name}: no test ran`);
    else if (suite.status === "failed" && ran.every(({ status }) => status === "passed"))
      failures.push(`${name}: the suite failed`);
  }
  const seen = new Set(results.map((suite) => realpathSync(suite.name)));
  for (const file of expected) if (!seen.has(file)) failures.push(`${relative(root, file)}: the suite did not run`);
  if (results.length === 0) failures.push("no suite was found");
  return { passed, failures };
}

/** Every suite of a kind on disk, found without jest, so that a mis-set pattern is seen. */
function suitesOf(pattern) {
  const found = [];
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.name === "node_modules" || entry.name.startsWith(".")) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (pattern.test(entry.name)) found.push(path);
    }
  };
  walk(realpathSync(root));
  return found;
}
