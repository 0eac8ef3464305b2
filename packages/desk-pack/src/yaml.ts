import { isAlias, isCollection, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { quoted } from "./nearest.ts";
import type { Report } from "./problems.ts";
import { DEPTH_MAX, spend, type YamlBudget } from "./yaml-budget.ts";

/** Plain data with the line that each JSON pointer stands on. A pointer that is unknown falls back to its parent's line. */
export interface Located {
  readonly file: string;
  readonly value: unknown;
  readonly lineOf: (pointer: string) => number;
}

const UNSAFE_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

export const pointerTo = (parent: string, key: string | number): string =>
  `${parent}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;

interface Reading {
  readonly file: string;
  readonly report: Report;
  readonly lines: Map<string, number>;
  readonly lineAt: (node: Node) => number;
  broken: boolean;
}

/**
 * Reads one YAML document into plain data, or reports why not and returns undefined. `lineOffset` is the number of
 * lines before `text` in its file. Anchors and aliases are refused: they can make a small file a huge value.
 */
export function readYaml(
  file: string,
  text: string,
  lineOffset: number,
  budget: YamlBudget,
  report: Report,
): Located | undefined {
  const isFirst = budget.left >= 0;
  const over = spend(text, budget);
  if (over !== undefined) {
    // Said once, where the budget ran out: the files after it are not at fault.
    if (isFirst) report(file, over.line + lineOffset, over.code, over.message);
    return undefined;
  }
  const counter = new LineCounter();
  // uniqueKeys compares every key with every other; `convert` finds duplicates without.
  const document = parseDocument(text, {
    lineCounter: counter,
    prettyErrors: false,
    uniqueKeys: false,
    stringKeys: true,
    logLevel: "error",
  });
  const lineOfOffset = (offset: number): number => counter.linePos(offset).line + lineOffset;
  for (const { pos, message } of [...document.errors, ...document.warnings]) {
    report(
      file,
      lineOfOffset(pos[0]),
      "yaml_syntax",
      `This is not valid YAML: ${message}. Check indentation, quotes and colons.`,
    );
  }
  if (document.errors.length + document.warnings.length > 0) return undefined;
  const lines = new Map<string, number>();
  const lineAt = (node: Node): number => lineOfOffset(node.range?.[0] ?? 0);
  const reading: Reading = { file, report, lines, lineAt, broken: false };
  const value = convert(document.contents, "", 0, reading);
  return reading.broken ? undefined : { file, value, lineOf: lineLookup(lines, lineOffset + 1) };
}

function lineLookup(lines: ReadonlyMap<string, number>, first: number): (pointer: string) => number {
  return (pointer) => {
    for (let at = pointer; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
      const line = lines.get(at);
      if (line !== undefined) return line;
    }
    return lines.get("") ?? first;
  };
}

function convert(node: Node | null, pointer: string, depth: number, reading: Reading): unknown {
  if (node === null) return null;
  const line = reading.lineAt(node);
  if (!reading.lines.has(pointer)) reading.lines.set(pointer, line);
  const refuse = (code: "yaml_alias" | "yaml_too_deep" | "yaml_unsupported" | "text_unsafe", message: string): null => {
    reading.broken = true;
    reading.report(reading.file, line, code, message);
    return null;
  };
  if (isAlias(node) || node.anchor !== undefined)
    return refuse("yaml_alias", "Anchors (&) and aliases (*) are not allowed. Write the value out.");
  if (isCollection(node) && depth >= DEPTH_MAX)
    return refuse("yaml_too_deep", `At most ${DEPTH_MAX} levels are allowed.`);
  if (isSeq(node))
    return node.items.map((item, i) => convert(item as Node | null, pointerTo(pointer, i), depth + 1, reading));
  if (isMap(node)) return convertMap(node.items, pointer, depth, reading);
  const value = isScalar(node) ? node.value : undefined;
  if (typeof value === "string" && (value.includes("\0") || !value.isWellFormed()))
    return refuse("text_unsafe", "The text holds a NUL or half of a surrogate pair, which no store keeps. Remove it.");
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return value;
  return refuse("yaml_unsupported", "Only text, numbers, true, false, lists and maps are understood here.");
}

function convertMap(
  items: readonly { key: unknown; value: unknown }[],
  pointer: string,
  depth: number,
  reading: Reading,
): unknown {
  const result: Record<string, unknown> = {};
  for (const pair of items) {
    const keyNode = pair.key as Node;
    const line = reading.lineAt(keyNode);
    const key = isScalar(keyNode) && typeof keyNode.value === "string" ? keyNode.value : undefined;
    if (key === undefined || keyNode.anchor !== undefined || UNSAFE_KEYS.has(key)) {
      reading.report(
        reading.file,
        line,
        "key_unsafe",
        `${quoted(key ?? "this")} cannot be a key. Keys are plain words without anchors.`,
      );
      continue;
    }
    if (Object.hasOwn(result, key)) {
      reading.report(reading.file, line, "key_duplicate", `${quoted(key)} is already set above. Keep one of the two.`);
      continue;
    }
    const child = pointerTo(pointer, key);
    // A value's line is its key's: that is where a reader looks, also when the value starts on the next line.
    reading.lines.set(child, line);
    result[key] = convert(pair.value as Node | null, child, depth + 1, reading);
  }
  return result;
}
