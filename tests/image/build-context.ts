import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** `**` any folders, `*` anything but a slash; a pattern that names a folder also covers what is in it. */
function pattern(text: string): RegExp {
  const source = text
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll(/\*\*\/|\*\*|\*/g, (stars) => ({ "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*" })[stars] ?? stars);
  return new RegExp(`^${source}(?:/.*)?$`);
}

/** Whether `.dockerignore` keeps a path out: the last line that matches it decides. */
function ignoring(text: string): (path: string) => boolean {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const rules = lines.map((line) => ({ out: !line.startsWith("!"), match: pattern(line.replace(/^!/, "")) }));
  return (path) => rules.findLast(({ match }) => match.test(path))?.out ?? false;
}

/** Every file that a build is handed, relative to the checkout. */
export function contextOf(root: string): readonly string[] {
  const ignored = ignoring(readFileSync(join(root, ".dockerignore"), "utf8"));
  const walk = (folder: string): readonly string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (!entry.isDirectory()) return entry.isFile() && !ignored(path) ? [path] : [];
      // Large, and never let back in by a later line.
      return entry.name === "node_modules" || entry.name === ".git" ? [] : walk(path);
    });
  return walk("");
}
