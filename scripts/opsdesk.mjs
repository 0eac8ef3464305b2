import { existsSync } from "node:fs";
import { entryOf } from "./bundle.mjs";
import { SetupError } from "./checkout.mjs";
import { compileCache, ensurePackages } from "./packages.mjs";
import { runInForeground } from "./processes.mjs";
import { ensureRuntime, environmentFor } from "./runtime.mjs";

/** Runs the `opsdesk` program under the checkout's Node, in the caller's folder, and answers with its exit code. */
export async function opsdesk(args) {
  const runtime = await ensureRuntime();
  await ensurePackages(runtime, { production: true });
  const main = entryOf();
  if (!existsSync(main)) throw new SetupError("apps/opsdesk/src/main.ts does not exist in this checkout.");
  return runInForeground(
    runtime.node,
    // Types are stripped, which Node still calls experimental.
    ["--disable-warning=ExperimentalWarning", main, ...args],
    {
      cwd: process.cwd(),
      env: environmentFor(runtime, { NODE_COMPILE_CACHE: compileCache() }),
    },
  );
}
