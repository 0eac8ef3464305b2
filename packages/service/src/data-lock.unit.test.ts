import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { lockDataDirectory } from "./data-lock.ts";

const MODULE = new URL("./data-lock.ts", import.meta.url).href;
const refused = expect.objectContaining({ code: "data_directory_in_use" });

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "opsdesk-lock-"))));
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A process that holds the lock until it is killed; answers what it said: `held` or a code. */
async function contender(where: string, environment: Readonly<Record<string, string>> = {}) {
  const program = `const { lockDataDirectory } = await import(${JSON.stringify(MODULE)});
    await lockDataDirectory(${JSON.stringify(where)}).then(
      () => { console.log("held"); setInterval(() => undefined, 1000); },
      (error) => console.log(error.code));`;
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program],
    {
      env: { PATH: process.env["PATH"] ?? "", ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  return {
    said: said.toString().trim(),
    async kill() {
      const ended = once(child, "close");
      if (!child.kill("SIGKILL")) return;
      await ended;
    },
  };
}

describe("the lock of a data directory", () => {
  it("is held by one, and free again once released, with nothing left behind", async () => {
    const first = await lockDataDirectory(folder);
    await expect(lockDataDirectory(folder)).rejects.toEqual(refused);
    await first.release();
    expect(await readdir(folder)).toEqual([]);
    await (await lockDataDirectory(folder)).release();
  });

  it("is met by whatever path and with whatever temporary folder the directory is reached", async () => {
    const data = join(folder, "data");
    await mkdir(data);
    await symlink(data, join(folder, "link"));
    const first = await lockDataDirectory(data);
    const other = await contender(join(folder, "link"), { TMPDIR: folder });
    await other.kill();
    await first.release();
    expect(other.said).toBe("data_directory_in_use");
  });

  it("works in a directory whose path is too long for a socket", async () => {
    const deep = join(folder, "a".repeat(120), "b".repeat(120));
    await mkdir(deep, { recursive: true });
    const first = await lockDataDirectory(deep);
    await expect(lockDataDirectory(deep)).rejects.toEqual(refused);
    await first.release();
    await (await lockDataDirectory(deep)).release();
  });

  it("is free at once when its holder was killed", async () => {
    const killed = await contender(folder);
    await expect(lockDataDirectory(folder)).rejects.toEqual(refused);
    await killed.kill();
    expect((await readdir(folder)).length).toBe(1);
    const next = await lockDataDirectory(folder);
    expect((await readdir(folder)).length).toBe(1);
    await next.release();
    expect(killed.said).toBe("held");
  });

  it("is got by exactly one of many that want it at once, whatever a killed one left", async () => {
    for (let round = 0; round < 20; round += 1) {
      const asked = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDirectory(folder)));
      const held = asked.filter((one) => one.status === "fulfilled");
      expect(held).toHaveLength(1);
      for (const one of asked) if (one.status === "rejected") expect(one.reason).toEqual(refused);
      await held[0]?.value.release();
    }
    const killed = await contender(folder);
    await killed.kill();
    const contenders = await Promise.all(Array.from({ length: 3 }, () => contender(folder)));
    await Promise.all(contenders.map((one) => one.kill()));
    expect(contenders.map((one) => one.said).sort()).toEqual([
      "data_directory_in_use",
      "data_directory_in_use",
      "held",
    ]);
  });
});
