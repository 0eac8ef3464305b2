import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for servers' data that is gone when the process ends. Other users may pass through it, as Postgres does. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "opsdesk-servers-"));
  chmodSync(folder, 0o711);
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
