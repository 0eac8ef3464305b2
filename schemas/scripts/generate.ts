import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { generatedFiles } from "./generated-files.ts";

const PACKAGE = join(import.meta.dirname, "..");

/** What differs between the files on disk and what the sources say: changed, missing, or left over. */
export async function staleFiles(directory: string = PACKAGE): Promise<readonly string[]> {
  const files = generatedFiles();
  const stale: string[] = [];
  for (const [path, content] of files) {
    const found = await readFile(join(directory, path), "utf8").catch(() => undefined);
    if (found !== content) stale.push(path);
  }
  const present = await readdir(join(directory, "generated")).catch(() => []);
  return [...stale, ...present.map((name) => `generated/${name}`).filter((path) => !files.has(path))];
}

async function write(): Promise<void> {
  const files = generatedFiles();
  for (const path of await staleFiles()) if (!files.has(path)) await rm(join(PACKAGE, path));
  for (const [path, content] of files) {
    await mkdir(dirname(join(PACKAGE, path)), { recursive: true });
    await writeFile(join(PACKAGE, path), content);
  }
  console.log(`${files.size} files written`);
}

async function check(): Promise<void> {
  const stale = await staleFiles();
  for (const path of stale) console.error(`differs from its source: schemas/${path}`);
  if (stale.length > 0) console.error("run: pnpm --filter @opsdesk/schemas generate");
  process.exitCode = stale.length > 0 ? 1 : 0;
}

if (import.meta.main) await (process.argv.includes("--check") ? check() : write());
