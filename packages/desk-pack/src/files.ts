import { contentHash, sha256Hex } from "@opsdesk/identity";
import { didYouMean, quoted } from "./nearest.ts";
import type { Report } from "./problems.ts";

/** What a file of a pack is for, told by its path. */
export type FileRole =
  | "desk"
  | "categories"
  | "policy"
  | "integrations"
  | "examples"
  | "template"
  | "knowledge"
  | "scenarios";

export interface PackFile {
  readonly path: string;
  readonly role: FileRole;
  /** Line ends are LF and there is no byte order mark, so that a checkout's settings do not change a hash. */
  readonly text: string;
}

/** The pack has 2,000 files at most. Sizes in UTF-16 units. */
const FILES_MAX = 2_000;
const PATH_MAX = 300;
const YAML_MAX = 512 * 1024;
const MARKDOWN_MAX = 1024 * 1024;
const PACK_MAX = 16 * 1024 * 1024;

const REQUIRED = ["desk.yaml", "categories.yaml", "policy.yaml"] as const;
const SINGLE: ReadonlyMap<string, FileRole> = new Map([
  ["desk.yaml", "desk"],
  ["categories.yaml", "categories"],
  ["policy.yaml", "policy"],
  ["integrations.yaml", "integrations"],
]);
const FOLDERS: readonly (readonly [RegExp, FileRole])[] = [
  [/^templates\/[^/]+\.md$/, "template"],
  [/^knowledge\/.+\.md$/, "knowledge"],
  [/^scenarios\/[^/]+\.yaml$/, "scenarios"],
  [/^examples\/[^/]+\.yaml$/, "examples"],
];
const EXPECTED =
  "desk.yaml, categories.yaml, policy.yaml, integrations.yaml, templates/*.md, knowledge/**/*.md, scenarios/*.yaml, examples/*.yaml";

const isSafePath = (path: string): boolean =>
  path.length <= PATH_MAX &&
  /^[\p{L}\p{N}._ /-]+$/u.test(path) &&
  path.split("/").every((part) => part !== "" && part !== "." && part !== ".." && part.trim() === part);

/** Files that live beside a pack without being part of it: a README, and what an editor or a version control keeps. */
const isBeside = (path: string): boolean => /(^|\/)(README\.md$|\.)/.test(path);

const roleOf = (path: string): FileRole | undefined =>
  SINGLE.get(path) ?? FOLDERS.find(([pattern]) => pattern.test(path))?.[1];

/** The files that can be read on, in order of path. `files` may come from outside: nothing about it is trusted. */
export function checkFiles(files: ReadonlyMap<string, string>, report: Report): PackFile[] {
  if (files.size > FILES_MAX) {
    report("desk.yaml", 1, "pack_too_large", `The pack has ${files.size} files; at most ${FILES_MAX} are allowed.`);
    return [];
  }
  const kept: PackFile[] = [];
  let total = 0;
  for (const [path, content] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const file = checkFile(path, content, report);
    if (file === undefined) continue;
    total += file.text.length;
    kept.push(file);
  }
  if (total > PACK_MAX) {
    report("desk.yaml", 1, "pack_too_large", `The pack has ${total} characters; at most ${PACK_MAX} are allowed.`);
    return [];
  }
  for (const path of REQUIRED) {
    if (!files.has(path))
      report(path, 1, "file_missing", `Every desk pack has a ${path}. Add it at the top of the folder.`);
  }
  return kept;
}

// Both are `unknown` because a caller over HTTP passes on what a stranger sent, whatever the types say.
function checkFile(path: unknown, content: unknown, report: Report): PackFile | undefined {
  if (typeof path !== "string" || !isSafePath(path)) {
    const shown = quoted(typeof path === "string" ? path : typeof path);
    report(
      shown,
      1,
      "path_unsafe",
      `${shown} is not a path inside the pack. Use relative paths with "/", letters, digits, ".", "_" and "-".`,
    );
    return undefined;
  }
  if (isBeside(path)) return undefined;
  const role = roleOf(path);
  if (role === undefined) {
    report(
      path,
      1,
      "file_unknown",
      `A pack consists of ${EXPECTED}. Move or remove this file.${didYouMean(path, SINGLE.keys())}`,
    );
    return undefined;
  }
  if (typeof content !== "string") {
    report(path, 1, "file_not_text", "The content must be text (a JSON string, UTF-8 in a folder).");
    return undefined;
  }
  const max = path.endsWith(".md") ? MARKDOWN_MAX : YAML_MAX;
  if (content.length > max) {
    report(
      path,
      1,
      "file_too_large",
      `The file has ${content.length} characters; at most ${max} are allowed. Split it.`,
    );
    return undefined;
  }
  const unsafe = content.search(/\0|[\uD800-\uDFFF]/u);
  if (unsafe >= 0) {
    const line = content.slice(0, unsafe).split("\n").length;
    report(
      path,
      line,
      "text_unsafe",
      "The line holds a NUL or half of a surrogate pair, which no store keeps. Remove it.",
    );
    return undefined;
  }
  return { path, role, text: content.replace(/^\uFEFF/, "").replaceAll(/\r\n?/g, "\n") };
}

/** One hash for all files: it changes when any of them does, and is the same on every machine. */
export const filesHash = (files: readonly PackFile[]): string =>
  contentHash(files.map(({ path, text }) => [path, sha256Hex(text)]));
