import { type DeskPack, type PackProblem, readDeskPack } from "@opsdesk/desk-pack";
import { readFolder } from "@opsdesk/desk-pack/folder";
import { unreadable } from "../import/read-rows.ts";
import type { Answer } from "../terminal/command.ts";
import { told } from "../terminal/print.ts";
import { counted } from "../terminal/table.ts";

export interface ReadPack {
  readonly files: ReadonlyMap<string, string>;
  readonly read: { readonly pack: DeskPack } | { readonly problems: readonly PackProblem[] };
}

/** A desk pack from a folder. Throws RejectedError `file_unreadable`. */
export async function readPack(folder: string): Promise<ReadPack> {
  const files = await readFolder(folder).catch((error: unknown): never => {
    throw unreadable(folder, error);
  });
  return { files, read: readDeskPack(files) };
}

/** What is wrong with a pack, one line a problem. */
export const problemsAnswer = (problems: readonly PackProblem[]): Answer => ({
  json: { valid: false, problems },
  text: [...problems.map(told), "", `${counted(problems.length, "problem")}.`].join("\n"),
  failed: true,
});
