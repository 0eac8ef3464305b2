import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import { freePort, run, runOn } from "../testing/program.ts";

/** Commands that need no running desk. */
const SAMPLE = fileURLToPath(new URL("../../../../desks/it-helpdesk/", import.meta.url));
const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), "opsdesk-cli-"))));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

describe("opsdesk", () => {
  it("answers wrong usage with 2 and says what is wrong", async () => {
    expect(await run(["nonsense"])).toMatchObject({ code: 2, err: expect.stringContaining("unknown command") });
    expect(await run(["submit"])).toMatchObject({ code: 2, err: expect.stringContaining("--text") });
    expect(await run(["story", "X", "--url", "nowhere"])).toMatchObject({ code: 2 });
  });

  it("says what to do when no desk answers, as one JSON document with --json", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { code, err, out } = await run(["story", "OD-1", "--url", url, "--json"]);
    expect(code).toBe(1);
    expect(err).toContain("desk_unreachable: Nothing answers");
    expect(JSON.parse(out)).toMatchObject({ code: "desk_unreachable" });
  });
});

describe("desk check", () => {
  it("passes the sample desk", async () => {
    const { code, out } = await run(["desk", "check", SAMPLE, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ valid: true, desk: "it-helpdesk", problems: [] });
  });

  it("names each problem by file, line and code", async () => {
    const pack = join(folder, "broken");
    await run([
      "desk",
      "init",
      pack,
      "--from",
      await file("few.csv", "text,category\none,a\ntwo,b\n"),
      "--examples-min",
      "1",
    ]);
    await writeFile(
      join(pack, "policy.yaml"),
      (await readFile(join(pack, "policy.yaml"), "utf8")).replace("- complaint", "- complaynt"),
    );
    expect(await run(["desk", "check", pack])).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^policy\.yaml:\d+ risk_unknown .*complaint/m),
    });
  });
});

describe("desk init", () => {
  it("proposes from past tickets a pack that passes the check, and never writes over one", async () => {
    const past = await file(
      "past.csv",
      `text,category\n${["vpn", "printer"].flatMap((label) => Array.from({ length: 6 }, (_, i) => `"${label} question, number ${i}",${label}`)).join("\n")}\n`,
    );
    const pack = join(folder, "my-desk");
    const { code, out } = await run(["desk", "init", pack, "--from", past, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      categories: [
        { id: "printer", examples: 6 },
        { id: "vpn", examples: 6 },
      ],
    });
    expect(await run(["desk", "check", pack])).toMatchObject({ code: 0 });
    expect(await run(["desk", "init", pack, "--from", past])).toMatchObject({
      code: 1,
      err: expect.stringContaining("folder_not_empty"),
    });
  });
});

describe("check-event", () => {
  it("passes an enquiry and says what is wrong with another", async () => {
    const good = await file(
      "good.json",
      JSON.stringify({
        id: "1",
        source: "shop",
        type: "enquiry.submitted",
        data: { channel: "web", from: { name: "Bo" }, text: "Hello" },
      }),
    );
    const bad = await file(
      "bad.json",
      JSON.stringify({
        id: "1",
        source: "shop",
        type: "enquiry.submitted",
        data: { channel: "web", from: { name: "Bo" } },
      }),
    );
    expect(await run(["check-event", good])).toMatchObject({ code: 0 });
    expect(await run(["check-event", bad])).toMatchObject({
      code: 1,
      out: expect.stringContaining("/data/text is missing"),
    });
  });
});

describe("evaluate --examples", () => {
  it("measures by folds of the file, and on a desk pack's own examples", async () => {
    const words = {
      vpn: ["vpn", "remote", "tunnel", "home"],
      printer: ["printer", "toner", "paper", "jam"],
      email: ["mailbox", "outlook", "mail", "inbox"],
    };
    const rows = Object.entries(words).flatMap(([label, some]) =>
      some.flatMap((a) => some.map((b) => `${a} trouble with ${b},${label}`)),
    );
    const examples = await file("examples.csv", `text,category\n${rows.join("\n")}\n`);
    const strangers = await file("strangers.csv", "text\nwhat is for lunch today\nmy dog is ill\n");
    const { code, out } = await run([
      "evaluate",
      "--examples",
      examples,
      "--out-of-scope",
      strangers,
      "--folds",
      "4",
      "--json",
    ]);
    expect(code).toBe(0);
    const measure = JSON.parse(out);
    expect(measure).toMatchObject({ method: "k-fold", folds: 4, examples: rows.length, categories: 3, outOfScope: 2 });
    expect(measure.accuracy).toBeGreaterThan(0.8);
    expect(JSON.parse((await run(["evaluate", "--examples", examples, "--desk", SAMPLE, "--json"])).out)).toMatchObject(
      { method: "desk", desk: SAMPLE, oosAuroc: null },
    );
  });
});

describe("webhooks", () => {
  const headers = (body: string, at = new Date()) => ({
    "webhook-id": "msg_1",
    "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
    "webhook-signature": new Webhook(SECRET).sign("msg_1", at, body),
  });

  it("doctor says why a signature failed", async () => {
    const body = '{"type": "reply.sent"}';
    const kept = await file("headers.json", JSON.stringify(headers(body)));
    const secret = await file("secret", `${SECRET}\n`);
    const doctor = async (text: string) =>
      await run(["webhooks", "doctor", "--body", await file("body", text), "--headers", kept, "--secret", secret]);
    expect(await doctor(body)).toMatchObject({ code: 0, out: expect.stringContaining("verifies") });
    expect(await doctor('{"type":"reply.sent"}')).toMatchObject({
      code: 1,
      out: expect.stringContaining("body_reserialised"),
    });
  });

  it("listen verifies what it receives and answers accordingly", async () => {
    const port = await freePort();
    const listening = runOn([
      "webhooks",
      "listen",
      "--port",
      String(port),
      "--limit",
      "2",
      "--secret",
      SECRET,
      "--json",
    ]);
    await listening.says("Listening at");
    const post = (body: string, signed: string) =>
      fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers: headers(signed), body });
    expect((await post('{"type":"reply.sent"}', '{"type":"reply.sent"}')).status).toBe(200);
    expect((await post('{"type":"forged"}', "{}")).status).toBe(401);
    await listening.says("\n]");
    const heard = JSON.parse(listening.output().slice(listening.output().indexOf("[\n")));
    expect(heard).toMatchObject([
      { verified: true, id: "msg_1" },
      { verified: false, findings: [{ code: "secret_or_body_wrong" }] },
    ]);
  });
});
