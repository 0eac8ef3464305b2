/**
 * The `opsdesk` program in a few files, made from its sources at installation: a start then reads some dozens of
 * modules and not thousands. It only saves time. A bundle that was not made from the sources as they are is never
 * run, so that whoever edits them runs what they edited.
 */
import { readdirSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./checkout.mjs";
import { stampOf } from "./runtime.mjs";

const SOURCES = ["apps", "packages", "services", "schemas/src"];
const MAIN = "apps/opsdesk/src/main.ts";
/** Clients of other lanes' servers and of outside models: the embedded desk does without, and some find their files by name. */
const NOT_BUNDLED =
  /^(kafkajs|neo4j-driver|pg-native|testcontainers|undici|@opensearch-project\/|@anthropic-ai\/|@opentelemetry\/(sdk|exporter|resources|context)|@platformatic\/)/;

/** The program's entry under Node 24: of the bundle if it is current, otherwise the source. */
export function entryOf(checkout = root) {
  const bundled = bundleOf(checkout);
  return existsSync(bundled) ? bundled : join(checkout, MAIN);
}

/** Makes the bundle unless it is there. */
export async function makeBundle(checkout = root) {
  const entry = bundleOf(checkout);
  if (existsSync(entry)) return;
  const folder = dirname(entry);
  const aside = `${folder}.${process.pid}.tmp`;
  // Loaded here, since it is not there before packages are installed.
  const { build } = await import("esbuild");
  try {
    await build({
      entryPoints: [join(checkout, MAIN)],
      outdir: aside,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      splitting: true,
      platform: "node",
      format: "esm",
      target: "node24",
      legalComments: "none",
      logLevel: "silent",
      // What CommonJS packages expect to find.
      banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
      plugins: [whereItWas, notBundled],
    });
    mkdirSync(dirname(folder), { recursive: true });
    if (!existsSync(folder)) renameSync(aside, folder);
    removeOlder(folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** A module goes on finding its neighbours (migrations, workers, the sample desk) where its source is. */
const whereItWas = {
  name: "where-it-was",
  setup({ onLoad }) {
    onLoad({ filter: /\.(ts|js|mjs|cjs)$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      if (!/\bimport\.meta\b|\b__(dirname|filename)\b/.test(text)) return undefined;
      const places = {
        "import.meta.url": pathToFileURL(path).href,
        "import.meta.dirname": dirname(path),
        "import.meta.filename": path,
        __dirname: dirname(path),
        __filename: path,
      };
      const contents = text.replaceAll(
        /\bimport\.meta\.(?:url|dirname|filename)\b|\b__(?:dirname|filename)\b/g,
        (name) => JSON.stringify(places[name]),
      );
      return { contents, loader: path.endsWith(".ts") ? "ts" : "js", resolveDir: dirname(path) };
    });
  },
};

/** Found from the importing package now, since pnpm's packages cannot be found from the bundle's folder. */
const notBundled = {
  name: "not-bundled",
  setup(setup) {
    setup.onResolve({ filter: NOT_BUNDLED }, async ({ path, pluginData, ...from }) => {
      if (pluginData === notBundled) return undefined;
      const found = await setup.resolve(path, { ...from, pluginData: notBundled });
      if (found.errors.length > 0) return { path, external: true }; // optional, as pg's native client is
      return { path: from.kind === "require-call" ? found.path : pathToFileURL(found.path).href, external: true };
    });
  },
};

/** The one before stays: a desk that runs from it may have yet to load a part of it. */
function removeOlder(folder) {
  const made = ({ name }) => statSync(join(dirname(folder), name)).mtimeMs;
  const bundles = readdirSync(dirname(folder), { withFileTypes: true }).filter(({ name }) =>
    /^program-[0-9a-f]+$/.test(name),
  );
  const old = bundles.toSorted((a, b) => made(b) - made(a)).slice(2);
  for (const { name } of old) rmSync(join(dirname(folder), name), { recursive: true, force: true });
}

/** Sizes and times tell a change in a tenth of the time that contents do; a folder that was moved is another one. */
function bundleOf(checkout) {
  const seen = [checkout];
  const walk = (folder) => {
    for (const entry of readdirSync(join(checkout, folder), { withFileTypes: true })) {
      if (entry.name === "node_modules") continue;
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (/\.(ts|json)$/.test(entry.name) && !entry.name.endsWith(".test.ts")) seen.push(path, identity(path));
    }
  };
  const identity = (path) => {
    const { size, mtimeMs } = statSync(join(checkout, path));
    return `${size} ${mtimeMs}`;
  };
  for (const folder of SOURCES) walk(folder);
  seen.push(identity("pnpm-lock.yaml"), identity("scripts/bundle.mjs"));
  return join(checkout, "node_modules", ".cache", "opsdesk", `program-${stampOf(...seen).slice(0, 16)}`, "main.mjs");
}
