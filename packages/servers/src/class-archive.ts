import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { installed } from "./cache.ts";
import type { Java } from "./java.ts";
import type { Server } from "./server.ts";

/** Starts a server with these flags for Java in this folder; its `stop` must let Java end in order. */
export type Training = (flags: readonly string[], folder: string) => Promise<Server>;

/**
 * Flags with which Java takes its classes from an archive, written once by a server that starts and stops: every start
 * after it takes about half the time. Such an archive fits one build of Java and one class path.
 */
export async function classArchive(name: string, java: Java, training: Training): Promise<readonly string[]> {
  const folder = await installed(`${name}-classes-${java.build}`, async (staging) => {
    process.stderr.write(`starting ${name} once to archive its classes…\n`);
    const instance = join(staging, "instance");
    const server = await training([`-XX:ArchiveClassesAtExit=${join(staging, FILE)}`], instance);
    await server.stop();
    await rm(instance, { recursive: true, force: true });
  });
  // Without one (Java had to be killed) a start is slower and nothing else.
  return existsSync(join(folder, FILE)) ? [`-XX:SharedArchiveFile=${join(folder, FILE)}`] : [];
}

const FILE = "classes.jsa";
