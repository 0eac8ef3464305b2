import { createReadStream } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse";
import { readDeskPack } from "@opsdesk/desk-pack";
import { readFolder } from "@opsdesk/desk-pack/folder";
import { pick, seeded } from "./random.ts";

/** Enquiries made of the sample desk's own labelled examples: two of them each, so that hardly any is like another. */
export async function sampleTexts(count: number, seed: number): Promise<readonly string[]> {
  const read = readDeskPack(await readFolder(fileURLToPath(new URL("../../desks/it-helpdesk/", import.meta.url))));
  if ("problems" in read) throw new Error("the sample desk cannot be read");
  const random = seeded(seed);
  const { examples } = read.pack;
  return Array.from({ length: count }, () => `${pick(random, examples).text} ${pick(random, examples).text}`);
}

/** The texts of Banking77's training part, from a folder of public data sets. */
export async function bankingTexts(dataDir: string, limit: number): Promise<readonly string[]> {
  const texts: string[] = [];
  const rows = createReadStream(join(dataDir, "banking77", "train.csv")).pipe(parse({ columns: true }));
  for await (const row of rows as AsyncIterable<{ text: string }>) {
    if (texts.length >= limit) break;
    texts.push(row.text);
  }
  return texts;
}
