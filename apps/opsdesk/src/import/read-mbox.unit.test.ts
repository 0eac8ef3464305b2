import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { letterId } from "./letter-id.ts";
import { readMbox } from "./read-mbox.ts";

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), "opsdesk-mbox-"))));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function lettersOf(content: string | Buffer): Promise<string[]> {
  const file = join(folder, "some.mbox");
  await writeFile(file, content);
  const found: string[] = [];
  for await (const { raw } of readMbox(file)) found.push(Buffer.from(raw).toString("latin1"));
  return found;
}

const FROM = "From maya@example.com Mon Nov 16 14:12:00 2026";

describe("an mbox file", () => {
  it("is split at its From_ lines and keeps sentences that begin with the word", async () => {
    const letters = await lettersOf(
      `${FROM}\nMessage-ID: <a@x>\n\nHello.\n\nFrom Monday on it drops.\n\n${FROM}\nMessage-ID: <b@x>\n\nSecond.\n`,
    );
    expect(letters).toEqual([
      "Message-ID: <a@x>\n\nHello.\n\nFrom Monday on it drops.\n",
      "Message-ID: <b@x>\n\nSecond.",
    ]);
  });

  it("gives lines that were quoted for it back as they were written", async () => {
    expect(await lettersOf(`${FROM}\nSubject: x\n\n>From here\n>>From there\n> From far\n`)).toEqual([
      "Subject: x\n\nFrom here\n>From there\n> From far",
    ]);
  });

  it("keeps every byte of a letter, whatever its charset", async () => {
    const body = Buffer.concat([Buffer.from(`${FROM}\n\n`), Buffer.from([0xe9, 0x00, 0xff, 0x0d, 0x0a])]);
    expect(await lettersOf(body)).toEqual(["\n\u00e9\u0000\u00ff"]);
  });

  it("is refused when nothing in it begins like a message", async () => {
    await expect(lettersOf("id,text\n1,hello\n")).rejects.toMatchObject({ code: "file_invalid" });
  });
});

describe("the id of a letter", () => {
  it("is its Message-ID, over folded lines, and its content where it has none", () => {
    expect(letterId(Buffer.from("Subject: x\r\nMessage-Id:\r\n <a@x>\r\n\r\nMessage-ID: <no@x>"))).toEqual({
      externalId: "<a@x>",
      namedByContent: false,
    });
    expect(letterId(Buffer.from("Subject: x\n\nhello")).externalId).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});
