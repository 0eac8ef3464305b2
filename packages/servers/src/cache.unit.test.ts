import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { installed } from "./cache.ts";

const folder = mkdtempSync(join(tmpdir(), "opsdesk-cache-"));
const before = process.env["OPSDESK_SERVERS_CACHE"];
beforeAll(() => {
  process.env["OPSDESK_SERVERS_CACHE"] = folder;
});
afterAll(() => {
  if (before === undefined) delete process.env["OPSDESK_SERVERS_CACHE"];
  else process.env["OPSDESK_SERVERS_CACHE"] = before;
  rmSync(folder, { recursive: true });
});

test("fills a folder once, however many ask at the same time", async () => {
  let builds = 0;
  const build = (staging: string): Promise<void> => {
    builds += 1;
    writeFileSync(join(staging, "jar"), "whole");
    return Promise.resolve();
  };
  const [path] = await Promise.all([installed("once", build), installed("once", build)]);
  await installed("once", build);
  expect(builds).toBe(1);
  expect(readFileSync(join(path, "jar"), "utf8")).toBe("whole");
});

test("leaves nothing of a download that broke", async () => {
  await expect(installed("broken", () => Promise.reject(new Error("offline")))).rejects.toThrow("offline");
  expect(readdirSync(folder).filter((name) => name.startsWith("broken"))).toEqual([]);
});

test("keeps what another process finished first", async () => {
  const path = await installed("raced", (staging) => {
    writeFileSync(join(staging, "jar"), "second");
    // The other process is done while this one still works.
    mkdirSync(join(folder, "raced"));
    writeFileSync(join(folder, "raced", "jar"), "first");
    return Promise.resolve();
  });
  expect(readFileSync(join(path, "jar"), "utf8")).toBe("first");
});
