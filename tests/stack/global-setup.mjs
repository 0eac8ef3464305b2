/** Starts the servers that all suites of a stack run share. Without them the run fails: nothing is skipped. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSharedServers } from "@opsdesk/servers/shared";

export default async function setUp() {
  const startedAt = Date.now();
  const folder = await mkdtemp(join(tmpdir(), "opsdesk-stack-"));
  let servers;
  const tearDown = async () => {
    await servers?.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    servers = await startSharedServers(folder);
  } catch (error) {
    await tearDown();
    throw error;
  }
  // Both run in jest's own process, and nothing else is handed from one to the other.
  globalThis.opsdeskTearDown = tearDown;
  process.stderr.write(`the servers were ready after ${((Date.now() - startedAt) / 1_000).toFixed(1)} s\n`);
}
