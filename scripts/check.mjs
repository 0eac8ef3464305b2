/** `npm run check [-- name…]`: every check as a cached turbo task; closes with `total: N passed, M failed`. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { inCheckout, root, SetupError } from "./checkout.mjs";
import { environmentFor } from "./runtime.mjs";

const VERDICT = /^check ([a-z-]+): (passed|failed)/;

export async function checkAll(runtime, names) {
  const { scripts } = JSON.parse(readFileSync(inCheckout("package.json"), "utf8"));
  const known = Object.keys(scripts).flatMap((script) =>
    script.startsWith("check:") ? [script.slice("check:".length)] : [],
  );
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new SetupError(`unknown check ${unknown.join(", ")}; known: ${known.join(", ")}`);
  const wanted = names.length > 0 ? names : known;

  const verdicts = new Map();
  const turbo = spawn(
    runtime.node,
    [
      inCheckout("node_modules", "turbo", "bin", "turbo"),
      "run",
      ...wanted.map((name) => `//#check:${name}`),
      "--continue=always",
      "--concurrency=100%",
      "--log-order=grouped",
      "--log-prefix=none",
      "--output-logs=full",
      "--ui=stream",
      "--no-update-notifier",
    ],
    {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: environmentFor(runtime, { TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1", FORCE_COLOR: "0" }),
    },
  );
  let complaints = "";
  turbo.stderr.on("data", (chunk) => (complaints += chunk));
  for await (const line of createInterface({ input: turbo.stdout })) {
    const verdict = VERDICT.exec(line);
    if (verdict !== null) verdicts.set(verdict[1], verdict[2]);
    if (!isNoise(line)) process.stdout.write(`${line}\n`);
  }
  if (turbo.exitCode === null) await new Promise((resolve) => turbo.once("close", resolve));

  // A check without a verdict broke down before it could give one.
  const failed = wanted.filter((name) => verdicts.get(name) !== "passed");
  if (failed.some((name) => !verdicts.has(name))) process.stdout.write(complaints);
  for (const name of failed) process.stdout.write(`failed: ${name}${verdicts.has(name) ? "" : " (gave no verdict)"}\n`);
  const failures = failed.length === 0 && turbo.exitCode !== 0 ? 1 : failed.length;
  process.stdout.write(`total: ${wanted.length - failed.length} passed, ${failures} failed\n`);
  return failures === 0 ? 0 : 1;
}

/** Turbo's and pnpm's own lines; a check that passed says one line. */
const isNoise = (line) =>
  line.trim() === "" ||
  /^(> |• |\/\/#|cache (hit|miss|bypass)| *(Tasks|Cached|Time|Failed|Summary):|turbo \d| {3}• )|ELIFECYCLE/.test(line);
