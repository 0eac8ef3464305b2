import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** Folders that hold no sources of ours, wherever they are. */
const skipped = new Set(["node_modules", "dist", "coverage"]);

/** Every file below a folder whose path a pattern matches, as sorted `/`-separated paths relative to it. */
export function filesBelow(folder: string, pattern: RegExp): readonly string[] {
  const found: string[] = [];
  const walk = (current: string): void => {
    for (const entry of readdirSync(current, { withFileTypes: true })) {
      if (skipped.has(entry.name) || (entry.isDirectory() && entry.name.startsWith("."))) continue;
      const path = join(current, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (pattern.test(slashed(relative(folder, path)))) found.push(slashed(relative(folder, path)));
    }
  };
  walk(folder);
  return found.toSorted();
}

const slashed = (path: string): string => path.split(sep).join("/");
