import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { makeBundle } from "./bundle.mjs";
import { inCheckout, say, SetupError } from "./checkout.mjs";
import { runQuietly } from "./processes.mjs";
import { environmentFor, stampOf, tail } from "./runtime.mjs";

const stampFile = inCheckout("node_modules", ".opsdesk-stamp");

/**
 * Installs the workspace as its lock file says, once for each change of it. `production` leaves test and build
 * packages out, unless they are there already: starting the desk must not take a developer's tools away.
 */
export async function ensurePackages(runtime, { production }) {
  const lock = readFileSync(inCheckout("pnpm-lock.yaml"));
  const everything = stampOf(lock, "everything");
  const needed = production && !hasDevelopmentPackages() ? stampOf(lock, "production") : everything;
  const stamp = existsSync(stampFile) ? readFileSync(stampFile, "utf8") : "";
  if (stamp === needed || stamp === everything) {
    // New sources on old packages. Where the tools to edit them are, they are run as they are: they may change again.
    if (!hasDevelopmentPackages()) await ensureBundle();
    return;
  }

  say(needed === everything ? "installing packages" : "installing packages (without test and build tools)");
  const started = Date.now();
  const { code, output } = await runQuietly(
    runtime.node,
    [
      runtime.pnpmScript,
      "install",
      "--frozen-lockfile",
      "--reporter=append-only",
      // Without a terminal pnpm refuses to replace a node_modules that npm or another layout made.
      "--config.confirmModulesPurge=false",
      ...(needed === everything ? ["--prod=false"] : ["--prod"]),
    ],
    { env: environmentFor(runtime) },
  );
  if (code !== 0) {
    const advice = output.includes("ERR_PNPM_OUTDATED_LOCKFILE")
      ? "pnpm-lock.yaml does not fit the package.json files: run `pnpm install` and commit the lock file."
      : "pnpm could not install the packages; is the package registry reachable?";
    throw new SetupError(`${advice}\n${tail(output)}`);
  }
  writeFileSync(stampFile, needed);
  await ensureBundle();
  await ensureTemplate(runtime);
  say(`packages installed in ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

/**
 * Makes the database that first starts begin from, unless it is there. It only saves time: without it a first start
 * makes its own.
 */
export async function ensureTemplate(runtime) {
  const program = inCheckout("apps", "opsdesk", "src", "up", "make-template.ts");
  const { code, output } = await runQuietly(runtime.node, ["--disable-warning=ExperimentalWarning", program], {
    env: environmentFor(runtime, { NODE_COMPILE_CACHE: compileCache() }),
  });
  if (code !== 0) say(`the database template could not be made; the first start will take longer\n${tail(output)}`);
}

async function ensureBundle() {
  try {
    await makeBundle();
  } catch (error) {
    say(`the program could not be bundled; it will start more slowly\n${tail(String(error))}`);
  }
}

/** Stripped and compiled sources are kept, so that a second start reads them back. */
export const compileCache = () => process.env.NODE_COMPILE_CACHE ?? inCheckout("node_modules", ".cache", "node");

function hasDevelopmentPackages() {
  return existsSync(inCheckout("node_modules", "typescript", "package.json"));
}
