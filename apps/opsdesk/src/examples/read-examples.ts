import { RejectedError } from "@opsdesk/errors";
import type { LabelledText } from "@opsdesk/router";
import { readRows } from "../import/read-rows.ts";
import { UsageError } from "../terminal/usage-error.ts";

const TEXT = ["text", "utterance", "body", "message"];
const LABEL = ["category", "categoryId", "label", "intent"];
const TEXT_CHARACTERS_MAX = 4_000;

export interface Columns {
  readonly textColumn?: string;
  readonly categoryColumn?: string;
}

export interface Examples {
  readonly examples: readonly LabelledText[];
  /** Rows without a text. */
  readonly empty: number;
}

/** Labelled texts of a .csv or .jsonl file; rows without a text are counted and left out. */
export async function readExamples(file: string, columns: Columns): Promise<Examples> {
  const examples: LabelledText[] = [];
  let empty = 0;
  let names: { text: string; label: string } | undefined;
  for await (const { fields, number } of readRows(file)) {
    names ??= { text: columnOf(fields, TEXT, columns.textColumn, "--text-column"), label: columnOf(fields, LABEL, columns.categoryColumn, "--category-column") };
    const text = clean(fields[names.text]);
    const label = clean(fields[names.label]);
    if (text === "") empty += 1;
    else if (label === "") throw invalid(`${file}: row ${number} has no ${names.label}. Label it, or leave it out.`);
    else examples.push({ text: text.slice(0, TEXT_CHARACTERS_MAX).toWellFormed(), label });
  }
  if (examples.length === 0) throw invalid(`${file} holds no labelled text.`);
  return { examples, empty };
}

/** Texts of a file that belong to no category: the text column of a .csv or .jsonl. */
export async function readTexts(file: string, textColumn: string | undefined): Promise<readonly string[]> {
  const texts: string[] = [];
  let name: string | undefined;
  for await (const { fields } of readRows(file)) {
    name ??= columnOf(fields, TEXT, textColumn, "--text-column");
    const text = clean(fields[name]);
    if (text !== "") texts.push(text);
  }
  return texts;
}

const clean = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value).replaceAll("\0", " ").toWellFormed().trim() : "");

function columnOf(fields: Readonly<Record<string, unknown>>, usual: readonly string[], asked: string | undefined, option: string): string {
  const found = asked ?? usual.find((name) => name in fields);
  if (found === undefined || !(found in fields)) throw new UsageError(`Which column is it? Name it with ${option}: ${Object.keys(fields).join(", ")}.`);
  return found;
}

const invalid = (message: string): RejectedError => new RejectedError("file_invalid", message, { publicMessage: message });
