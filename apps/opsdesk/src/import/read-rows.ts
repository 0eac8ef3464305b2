import { createReadStream } from "node:fs";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import { RejectedError } from "@opsdesk/errors";
import { CsvError, parse } from "csv-parse";
import { UsageError } from "../terminal/usage-error.ts";

/** One record of a file, as it stands there. */
export interface Row {
  /** From 1, the header line not counted. */
  readonly number: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Records one by one, whatever the size of the file. `onBytes` hears how much of it has been read. */
export function readRows(file: string, onBytes: (bytes: number) => void = () => undefined): AsyncIterable<Row> {
  const extension = extname(file).toLowerCase();
  if (extension === ".csv") return csvRows(file, onBytes);
  if (extension === ".jsonl" || extension === ".ndjson") return jsonlRows(file, onBytes);
  throw new UsageError(`${file}: expected a .csv or .jsonl file.`);
}

async function* csvRows(file: string, onBytes: (bytes: number) => void): AsyncGenerator<Row> {
  const source = createReadStream(file);
  const parser = source.pipe(
    parse({ bom: true, columns: true, skip_empty_lines: true, relax_column_count_less: true }),
  );
  // `pipe` does not pass errors on.
  source.once("error", (error) => parser.destroy(error));
  let number = 0;
  try {
    for await (const fields of parser as AsyncIterable<Record<string, string>>) {
      number += 1;
      onBytes(source.bytesRead);
      yield { number, fields };
    }
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    source.destroy();
  }
}

async function* jsonlRows(file: string, onBytes: (bytes: number) => void): AsyncGenerator<Row> {
  const source = createReadStream(file);
  const lines = createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  let line = 0;
  try {
    for await (const text of lines) {
      line += 1;
      if (text.trim() === "") continue;
      number += 1;
      onBytes(source.bytesRead);
      yield { number, fields: objectOf(text, line) };
    }
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    source.destroy();
  }
}

function objectOf(text: string, line: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    throw new SyntaxError(`line ${line} is not JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new SyntaxError(`line ${line} is not a JSON object`);
  return { ...value };
}

/** What a file's own faults look like to whoever gave it. */
export function unreadable(file: string, error: unknown): unknown {
  const own = error instanceof CsvError || error instanceof SyntaxError;
  const system = error instanceof Error && "code" in error && "syscall" in error;
  if (!own && !system) return error;
  const message = own ? `${file}: ${error.message}` : `${file} cannot be read: ${(error as Error).message}`;
  return new RejectedError(own ? "file_invalid" : "file_unreadable", message, { cause: error, publicMessage: message });
}
