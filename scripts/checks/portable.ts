/** The layers that also run in a browser tab bundle for one. `portable.ts DIR` reads another checkout. */
import { build, type Message } from "esbuild";
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { root } from "../checkout.mjs";
import { filesBelow } from "./sources.ts";
import { verdict } from "./verdict.ts";

const checkout = resolve(process.argv[2] ?? root);
const layers = /^services\/[^/]+\/src\/(decide|handlers|jobs|store)\/(?!.*\.(test|contract)\.ts$).*\.ts$/;
const modules = filesBelow(checkout, layers);

/** One entry that imports them all: shared modules are read once. */
async function bundle(): Promise<readonly Message[]> {
  try {
    await build({
      stdin: {
        contents: modules.map((file) => `import ${JSON.stringify(`./${file}`)};`).join("\n"),
        resolveDir: checkout,
        sourcefile: "every-portable-module.ts",
        loader: "ts",
      },
      absWorkingDir: checkout,
      bundle: true,
      write: false,
      platform: "browser",
      format: "esm",
      target: "es2024",
      // Kept even where nothing uses them: what is imported must be loadable.
      treeShaking: false,
      logLevel: "silent",
    });
    return [];
  } catch (error) {
    if (error instanceof Error && "errors" in error) return error.errors as Message[]; // esbuild's BuildFailure
    throw error;
  }
}

const problems = (modules.length === 0 ? [] : await bundle()).map(
  ({ location, text }) => `${location?.file ?? "?"}:${String(location?.line ?? 0)}: ${text}`,
);
const services = join(checkout, "services");
const withoutLayers =
  modules.length === 0 &&
  existsSync(services) &&
  readdirSync(services).some((name) => existsSync(join(services, name, "src")));
if (withoutLayers) problems.push("services/ has sources, but no portable module was found");
verdict("portable", problems, `${String(modules.length)} modules`);
