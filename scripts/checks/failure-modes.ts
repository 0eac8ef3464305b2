import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "./sources.ts";

/** A place that gives a failure its code: an error, a refusal, a line for operators, an HTTP problem. */
const RAISED =
  /\b(?:new (?:Transient|Rejected|Bug|Problems)Error(?:<[^>]*>)?\(|reject\(|bad\(|\.trouble\(|\bproblem\(\d+,)\s*["'`]([a-z][a-z0-9_.]*)["'`]/g;
/** `type …Code = "a" | "b"`: a closed list. */
const LISTED = /\btype \w*Code =([^;]*);/g;

/** Sources of the product; what only tests raise needs no page. */
const SOURCES = /^src\/(?!(?:.*\/)?testing(?:\/|\.ts$))(?!.*\.(?:test|contract|fixture)\.ts$).*\.ts$/;

function codesIn(source: string): readonly string[] {
  const listed = [...source.matchAll(LISTED)].flatMap(([, list = ""]) => [
    ...list.matchAll(/["']([a-z][a-z0-9_.]*)["']/g),
  ]);
  return [...source.matchAll(RAISED), ...listed].map(([, code = ""]) => code);
}

const codesBelow = (folder: string): ReadonlySet<string> =>
  new Set(filesBelow(folder, SOURCES).flatMap((file) => codesIn(readFileSync(join(folder, file), "utf8"))));

function missing(root: string, page: string, codes: ReadonlySet<string>): readonly string[] {
  if (codes.size === 0) return [];
  if (!existsSync(join(root, page))) return [`${page}: does not exist, and ${[...codes].join(", ")} need a heading`];
  const text = readFileSync(join(root, page), "utf8");
  const headings = new Set([...text.matchAll(/^#{2,6}\s+`?([a-z][a-z0-9_.]*)`?/gm)].map(([, code]) => code));
  return [...codes].filter((code) => !headings.has(code)).map((code) => `${page}: no heading for ${code}`);
}

const foldersIn = (root: string, parent: string): readonly string[] =>
  existsSync(join(root, parent)) ? readdirSync(join(root, parent)).map((name) => `${parent}/${name}`) : [];

/** Codes that can be raised and have no heading: a service's in its own page, everything else's in docs/failure-modes.md. */
export function failureModeProblems(root: string): readonly string[] {
  const shared = [...foldersIn(root, "packages"), ...foldersIn(root, "apps")].flatMap((folder) => [
    ...codesBelow(join(root, folder)),
  ]);
  return [
    ...foldersIn(root, "services").flatMap((folder) =>
      missing(root, `${folder}/failure-modes.md`, codesBelow(join(root, folder))),
    ),
    ...missing(root, "docs/failure-modes.md", new Set(shared)),
  ];
}
