import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import type { Client } from "../client/client.ts";
import { DeskRefusal } from "../client/client.ts";
import { patiently } from "../client/patiently.ts";
import type { Progress } from "../terminal/progress.ts";
import { UsageError } from "../terminal/usage-error.ts";
import { enquiryOfRow, textColumnOf } from "./enquiry-of-row.ts";
import { inParallel } from "./in-parallel.ts";
import { known } from "./known.ts";
import { letterId } from "./letter-id.ts";
import { readMbox } from "./read-mbox.ts";
import { readRows, unreadable } from "./read-rows.ts";
import { type ImportReport, importTally } from "./tally.ts";

export interface ImportOptions {
  readonly file: string;
  readonly textColumn: string | undefined;
  readonly source: string | undefined;
  readonly limit: number;
  readonly concurrency: number;
  readonly progress: (what: string, total: number) => Progress;
}

/** Something to send: what names it, and how to. */
interface Sending {
  readonly number: number;
  readonly source: string;
  readonly externalId: string;
  /** The name follows from the content, so nothing else can be behind it. */
  readonly namedByContent: boolean;
  send(): Promise<unknown>;
}

/** Sends every enquiry of a file, in order and once: a second run finds all of it known. */
export async function importFile(desk: Client, options: ImportOptions): Promise<ImportReport> {
  const { file, limit, concurrency } = options;
  const size = await stat(file).catch((error: unknown): never => {
    throw unreadable(file, error);
  });
  const isMbox = extname(file).toLowerCase() === ".mbox";
  if (isMbox && (options.source !== undefined || options.textColumn !== undefined))
    throw new UsageError("--source and --text-column are for .csv and .jsonl: mail is known by its Message-ID.");
  const source = isMbox ? "email" : (options.source ?? `import:${(await sha256Of(file)).slice(0, 16)}`);
  const shown = options.progress(basename(file), size.size);
  const tally = importTally(file, source);
  const earlier = known(desk);
  let bytes = 0;
  const onBytes = (count: number): void => void (bytes = count);
  const sendings = isMbox ? letters(desk, file, onBytes) : rows(desk, file, onBytes, source, options);
  try {
    await inParallel(firstOf(sendings, limit), concurrency, async (sending) => {
      tally.read();
      const isKnown = await earlier.has(sending.source, sending.externalId);
      if (isKnown && sending.namedByContent) tally.duplicate(false);
      else {
        try {
          await patiently(() => sending.send());
          if (isKnown) tally.duplicate(true);
          else {
            tally.accepted();
            earlier.isNew();
          }
        } catch (error) {
          if (!(error instanceof DeskRefusal) || [401, 403, 404].includes(error.status)) throw error;
          tally.refused(sending.number, error.code, error.publicMessage ?? error.message);
        }
      }
      shown.at(bytes, tally.line());
    });
  } finally {
    shown.end();
  }
  return tally.report();
}

async function* rows(
  desk: Client,
  file: string,
  onBytes: (bytes: number) => void,
  source: string,
  options: ImportOptions,
): AsyncGenerator<Sending> {
  let textColumn: string | undefined;
  for await (const row of readRows(file, onBytes)) {
    textColumn ??= textColumnOf(row, options.textColumn);
    const body = enquiryOfRow(row, textColumn, source);
    yield {
      number: row.number,
      source,
      externalId: body.externalId,
      namedByContent: options.source === undefined,
      send: () => desk.send("POST", "/v1/enquiries", body),
    };
  }
}

async function* letters(desk: Client, file: string, onBytes: (bytes: number) => void): AsyncGenerator<Sending> {
  for await (const { number, raw } of readMbox(file, onBytes)) {
    const { externalId, namedByContent } = letterId(raw);
    yield { number, source: "email", externalId, namedByContent, send: () => desk.mail("/v1/inbound-email", raw) };
  }
}

async function* firstOf<Item>(items: AsyncIterable<Item>, limit: number): AsyncGenerator<Item> {
  let left = limit;
  for await (const item of items) {
    if (left === 0) return;
    left -= 1;
    yield item;
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest("hex");
}
