/**
 * Where every npm script enters: makes sure that the runtime and the packages are there, then goes on under
 * Node 24. Needs nothing but Node 20 and npm, and no POSIX shell.
 */
import { existsSync } from "node:fs";
import { inCheckout, SetupError } from "./checkout.mjs";
import { checkAll } from "./check.mjs";
import { opsdesk } from "./opsdesk.mjs";
import { compileCache, ensurePackages } from "./packages.mjs";
import { runInForeground } from "./processes.mjs";
import { ensureRuntime, environmentFor } from "./runtime.mjs";
import { runSuites } from "./suites.mjs";

/** A command that is one TypeScript program. */
const program =
  (...path) =>
  async (runtime, args) => {
    const file = inCheckout(...path);
    if (!existsSync(file)) throw new SetupError(`${path.join("/")} does not exist in this checkout.`);
    return runInForeground(runtime.node, ["--disable-warning=ExperimentalWarning", file, ...args], {
      env: environmentFor(runtime, { NODE_COMPILE_CACHE: compileCache() }),
    });
  };

const commands = {
  test: (runtime, args) => runSuites(runtime, "embedded", args),
  "test:long": (runtime, args) => runSuites(runtime, "long", args),
  "test:stack": (runtime, args) => runSuites(runtime, "stack", args),
  stack: program("tests", "stack", "main.ts"),
  "test:faults": program("tests", "faults", "main.ts"),
  check: checkAll,
  bench: program("tests", "bench", "main.ts"),
  measure: program("scripts", "measure", "main.ts"),
  format: (runtime, args) =>
    runInForeground(
      runtime.node,
      [inCheckout("node_modules", "oxfmt", "bin", "oxfmt"), ...(args.length > 0 ? args : ["."])],
      {
        env: environmentFor(runtime),
      },
    ),
};

const [name = "", ...args] = process.argv.slice(2);
try {
  if (name === "start") {
    process.exitCode = await opsdesk(["up", "--demo", ...args]);
  } else if (Object.hasOwn(commands, name)) {
    const runtime = await ensureRuntime();
    await ensurePackages(runtime, { production: false });
    process.exitCode = await commands[name](runtime, args);
  } else {
    throw new SetupError(`unknown command "${name}"; known: start, ${Object.keys(commands).join(", ")}`);
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`opsdesk: ${error.message}\n`);
  process.exitCode = 1;
}
