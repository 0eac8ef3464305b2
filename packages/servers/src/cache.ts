import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Where downloaded servers are kept, by name and version, for every checkout of this user. Not in the home of root:
 * Postgres runs as another user there and must reach its programs.
 */
export const cacheFolder = (): string =>
  process.env["OPSDESK_SERVERS_CACHE"] ||
  (process.getuid?.() === 0 ? "/var/cache/opsdesk/servers" : join(homedir(), ".cache", "opsdesk", "servers"));

/**
 * A folder of the cache, filled by `fill` when it is not there yet. It is filled aside and renamed, so that a download
 * that is interrupted leaves nothing behind, and two at once do no harm.
 */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (existsSync(folder)) return folder;
  process.stderr.write(`servers: downloading ${name} (once)\n`);
  const aside = `${folder}.${process.pid}.${Date.now()}`;
  mkdirSync(aside, { recursive: true });
  try {
    await fill(aside);
    if (!existsSync(folder)) renameSync(aside, folder);
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return folder;
}
