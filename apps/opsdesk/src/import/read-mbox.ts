import { createReadStream } from "node:fs";
import { unreadable } from "./read-rows.ts";

export interface Letter {
  readonly number: number;
  readonly raw: Uint8Array<ArrayBuffer>;
}

/** RFC 4155: `From`, the sender, and a time of day; a sentence that begins with "From" has no time of day. */
const FROM_LINE = /^From \S.*\d{1,2}:\d{2}(:\d{2})?\b.*\d{4}/;
const QUOTED_FROM = /^>+From /;

/** A desk takes 25 MiB; what is much larger is not collected in memory to be refused there. */
const LETTER_BYTES_MAX = 32 * 1024 * 1024;

/** The messages of an mbox file (RFC 4155; lines quoted as mboxrd does are given back as they were). */
export async function* readMbox(
  file: string,
  onBytes: (bytes: number) => void = () => undefined,
): AsyncGenerator<Letter> {
  // One character a byte: a message keeps its bytes, whatever they mean.
  const source = createReadStream(file, "latin1");
  let number = 0;
  let letter: string[] | undefined;
  let bytes = 0;
  let blank = true;
  let rest = "";
  const finished = (): Letter | undefined => {
    if (letter === undefined) return undefined;
    number += 1;
    // The empty line before the next From_ line belongs to the mailbox.
    const text = letter.join("").replace(/\r?\n$/, "");
    return { number, raw: Buffer.from(text, "latin1") };
  };
  try {
    for await (const chunk of source as AsyncIterable<string>) {
      const lines = (rest + chunk).split(/(?<=\n)/);
      rest = lines.at(-1)?.endsWith("\n") === true ? "" : (lines.pop() ?? "");
      onBytes(source.bytesRead);
      for (const line of lines) {
        if (blank && FROM_LINE.test(line)) {
          const whole = finished();
          letter = [];
          bytes = 0;
          if (whole !== undefined) yield whole;
        } else if (letter !== undefined && bytes < LETTER_BYTES_MAX) {
          letter.push(QUOTED_FROM.test(line) ? line.slice(1) : line);
          bytes += line.length;
        }
        blank = line === "\n" || line === "\r\n";
      }
    }
    if (letter !== undefined && rest !== "") letter.push(rest);
    const last = finished();
    if (last === undefined && bytes === 0)
      throw new SyntaxError("no message begins in it with a From_ line, so it is no mbox file");
    if (last !== undefined) yield last;
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    source.destroy();
  }
}
