import { describe, expect, it } from "@jest/globals";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readDeskPack } from "./read-desk-pack.ts";
import { readFolder } from "./read-folder.ts";

async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), "desk-pack-"));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

describe("readFolder", () => {
  it("gives relative paths with slashes, leaves out what is not of the pack, and marks what is not text", async () => {
    await using temporary = await temporaryFolder();
    const { folder } = temporary;
    await mkdir(join(folder, "knowledge", "a"), { recursive: true });
    await mkdir(join(folder, ".git"));
    await writeFile(join(folder, ".git", "config"), "x");
    await writeFile(join(folder, "README.md"), "about");
    await writeFile(join(folder, "knowledge", "a", "b.md"), "# é");
    await writeFile(join(folder, "desk.yaml"), Buffer.from([0x61, 0x0a, 0xff, 0xfe]));
    const files = await readFolder(folder);
    expect([...files.keys()].toSorted()).toEqual(["desk.yaml", "knowledge/a/b.md"]);
    const result = readDeskPack(files);
    expect("problems" in result && result.problems).toContainEqual({
      file: "desk.yaml",
      line: 2,
      code: "text_unsafe",
      message: expect.any(String),
    });
  });
});
