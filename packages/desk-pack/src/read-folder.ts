import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/**
 * The files of a folder as `readDeskPack` takes them: relative path with "/" → text. Dot files and README files are
 * left out, links are not followed. Text that is not UTF-8 arrives with a NUL, which the reader then names by line.
 * Throws what node:fs throws, for a folder that is not there.
 */
export async function readFolder(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const full = join(entry.parentPath, entry.name);
    const path = relative(folder, full).split(sep).join("/");
    if (/(^|\/)(\.|README\.md$|node_modules\/)/.test(path)) continue;
    files.set(path, toText(await readFile(full)));
  }
  return files;
}

function toText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // Each byte that is not text becomes U+FFFD; the first is made a NUL so that it cannot pass for a character.
    return new TextDecoder().decode(bytes).replace("\uFFFD", "\0");
  }
}
