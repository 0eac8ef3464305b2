import { execFile } from "node:child_process";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const BLOCK = Buffer.alloc(256 * 1024, 1);

/** Gives a folder a small disk of its own, so that it can be full while the rest of the machine is not; once. Needs root. */
export async function mountSmallDisk(folder: string): Promise<{ unmount(): Promise<void> }> {
  await mkdir(folder, { recursive: true });
  const there = await run("mountpoint", ["-q", folder]).then(
    () => true,
    () => false,
  );
  if (!there) await run("mount", ["-t", "tmpfs", "-o", "size=64m,mode=0777", "opsdesk-small-disk", folder]);
  return {
    async unmount() {
      await run("umount", ["-l", folder]);
    },
  };
}

/** Takes all the room that is left on a folder's disk. */
export async function fillDisk(folder: string): Promise<{ free(): Promise<void> }> {
  const path = join(folder, "ballast");
  const file = await open(path, "w");
  try {
    for (;;) await file.write(BLOCK);
  } catch (error) {
    if (!(typeof error === "object" && error !== null && "code" in error && error.code === "ENOSPC")) throw error;
  } finally {
    await file.close();
  }
  return { free: () => rm(path) };
}
