import { BugError, RejectedError, TransientError } from "@opsdesk/errors";
import { DeskRefusal } from "../client/client.ts";
import type { Answer } from "./command.ts";
import { UsageError } from "./usage-error.ts";

const ESCAPE = String.fromCodePoint(27);
/**
 * Much of what is printed was written by strangers. Colours may pass; whatever else moves a cursor, renames a window
 * or turns the writing direction may not.
 */
const UNSAFE = new RegExp(`(?!${ESCAPE}\\[[0-9;]*m)(?![\\n\\t])[\\p{Cc}\\u202A-\\u202E\\u2066-\\u2069]`, "gu");

export const safe = (text: string): string => text.replaceAll(UNSAFE, "");

/** Resolves when the text has left: the process may end right after. */
const write = (stream: NodeJS.WriteStream, text: string): Promise<void> =>
  new Promise((done) => void stream.write(text, () => done()));

export const print = (answer: Answer, json: boolean): Promise<void> =>
  write(process.stdout, json ? `${JSON.stringify(answer.json, null, 2)}\n` : `${safe(answer.text)}\n`);

/** For people, beside the answer. */
export const note = (line: string): void => void process.stderr.write(`${safe(line)}\n`);

export interface Items {
  item(json: unknown, text: string): Promise<void>;
  end(): Promise<void>;
}

/** Items as they come. For programs they are still one document, an array that is closed at the end. */
export function items(json: boolean): Items {
  let count = 0;
  return {
    async item(value, text) {
      await write(process.stdout, json ? `${count === 0 ? "[\n" : ",\n"}${JSON.stringify(value)}` : `${safe(text)}\n`);
      count += 1;
    },
    async end() {
      if (json) await write(process.stdout, count === 0 ? "[]\n" : "\n]\n");
    },
  };
}

/** Says what went wrong and what to do, and answers the exit code. */
export async function printError(error: unknown, json: boolean): Promise<number> {
  const known = error instanceof RejectedError || error instanceof TransientError || error instanceof BugError;
  const code = known ? error.code : "unexpected";
  const message = known
    ? (error.publicMessage ?? error.message)
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
  const problems = error instanceof DeskRefusal ? error.problems : [];
  await write(
    process.stderr,
    safe(`${[`${code}: ${message}`, ...problems.map((problem) => `  ${told(problem)}`)].join("\n")}\n`),
  );
  if (json) await write(process.stdout, `${JSON.stringify({ code, message, problems }, null, 2)}\n`);
  return error instanceof UsageError ? 2 : 1;
}

interface Listed {
  readonly file?: string;
  readonly line?: number;
  readonly code?: string;
  readonly path?: string;
  readonly message?: string;
}

/** One problem of a list: of a file by its line, of a request by its path. */
export function told(problem: unknown): string {
  if (typeof problem !== "object" || problem === null) return String(problem);
  const { file, line, code, path, message } = problem as Listed;
  const place = file === undefined ? path : `${file}:${line ?? 1}`;
  const parts = [place, code, message].filter((part) => part !== undefined);
  return parts.length === 0 ? JSON.stringify(problem) : parts.join(" ");
}
