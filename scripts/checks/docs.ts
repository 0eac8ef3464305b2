/** What the documentation says exists: linked files, commands, and a heading for every error code. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../checkout.mjs";
import { cliCommands, commandProblems } from "./documented-commands.ts";
import { failureModeProblems } from "./failure-modes.ts";
import { filesBelow } from "./sources.ts";
import { verdict } from "./verdict.ts";

const README_LINES_MAX = 60;

const read = (file: string): string => readFileSync(join(root, file), "utf8");
const withoutCode = (text: string): string =>
  text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, "").replaceAll(/`[^`\n]*`/g, "");

function linkProblems(file: string): readonly string[] {
  const links = withoutCode(read(file)).matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g);
  return [...links].flatMap(([, link = ""]) => {
    if (/^([a-z]+:|#|\/\/)/.test(link)) return [];
    const [path = "", heading] = link.split("#");
    const target = join(dirname(file), decodeURIComponent(path));
    if (!existsSync(join(root, target))) return [`${file}: link to ${link}: no such file`];
    if (heading === undefined || !target.endsWith(".md")) return [];
    return anchors(target).has(heading) ? [] : [`${file}: link to ${link}: no such heading`];
  });
}

/** The anchors that a forge makes of a page's headings. */
function anchors(file: string): ReadonlySet<string> {
  const text = read(file).replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, "");
  const headings = [...text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-"),
  );
  return new Set(headings);
}

function lengthProblems(file: string): readonly string[] {
  const lines = read(file).trimEnd().split("\n").length;
  return /^services\/[^/]+\/README\.md$/.test(file) && lines > README_LINES_MAX
    ? [`${file}: ${String(lines)} lines; a service's README has at most ${String(README_LINES_MAX)}`]
    : [];
}

const pages = filesBelow(root, /\.md$/);
const known = {
  npm: new Set(Object.keys((JSON.parse(read("package.json")) as { scripts: object }).scripts)),
  cli: cliCommands(root),
};
const problems = [
  ...pages.flatMap((file) => [
    ...linkProblems(file),
    ...lengthProblems(file),
    ...commandProblems(file, read(file), known),
  ]),
  ...failureModeProblems(root),
];
verdict("docs", problems, `${String(pages.length)} pages`);
