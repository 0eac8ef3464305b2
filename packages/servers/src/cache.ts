import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { CACHE } from "./environment.ts";

const cacheFolder = (): string => process.env[CACHE] ?? join(homedir(), ".cache", "opsdesk", "servers");

const running = new Map<string, Promise<string>>();

/**
 * A folder of the cache that `build` fills once. It is filled aside and renamed, so that what has its name is whole;
 * of two processes that start at the same time both may fill one, and the first to finish keeps it.
 */
export function installed(name: string, build: (staging: string) => Promise<void>): Promise<string> {
  const target = join(cacheFolder(), name);
  const inWork = running.get(target);
  if (inWork !== undefined) return inWork;
  const work = fill(target, build).finally(() => running.delete(target));
  running.set(target, work);
  return work;
}

async function fill(target: string, build: (staging: string) => Promise<void>): Promise<string> {
  if (existsSync(target)) return target;
  await mkdir(cacheFolder(), { recursive: true });
  const staging = await mkdtemp(`${target}.partial-`);
  try {
    await build(staging);
    await rename(staging, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return target;
}
