import { readFile } from "node:fs/promises";
import { unreadable } from "../import/read-rows.ts";

/** A file that the user named, as text. Throws RejectedError `file_unreadable`. */
export const readText = (file: string): Promise<string> =>
  readFile(file, "utf8").catch((error: unknown): never => {
    throw unreadable(file, error);
  });

/** A file that the user named, as JSON. Throws RejectedError `file_unreadable`, `file_invalid`. */
export async function readJson(file: string): Promise<unknown> {
  const text = await readText(file);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw unreadable(file, error);
  }
}
