import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Ran, type Running, freePort, run, runOn } from "../testing/program.ts";

/** Commands that talk to a desk: all of them to one, started as `npm start` does. */
const SAMPLE = fileURLToPath(new URL("../../../../desks/it-helpdesk/", import.meta.url));
const START_MS = 180_000;

let folder: string;
let desk: Running;
let environment: Readonly<Record<string, string>>;

const opsdesk = (...args: readonly string[]): Promise<Ran> => run(args, environment);

/** The one document that a command answers with --json. */
async function json(...args: readonly string[]) {
  const { code, err, out } = await opsdesk(...args, "--json");
  if (code !== 0) throw new Error(`exit code ${code}: ${err}`);
  return JSON.parse(out);
}

async function file(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opsdesk-desk-"));
  const [port, receiver] = [await freePort(), await freePort()];
  environment = { OPSDESK_DATA_DIR: folder, OPSDESK_URL: `http://127.0.0.1:${port}` };
  desk = runOn(["up", "--demo"], { ...environment, PORT: String(port), OPSDESK_RECEIVER_PORT: String(receiver) });
  await desk.says("Serving at");
}, START_MS);

afterAll(async () => {
  await desk.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

describe("up --demo", () => {
  it("plays all ten steps", () => expect(desk.output()).toContain("All ten steps happened"));
});

describe("submit", () => {
  it("sends an enquiry and waits for its disposition; the same external id is the same ticket", async () => {
    const enquiry = [
      "submit",
      "--text",
      "The printer on floor 2 jams.",
      "--from",
      "Bo Ek <bo@example.com>",
      "--external-id",
      "e2e-1",
    ];
    const first = await json(...enquiry, "--wait");
    expect(first).toMatchObject({
      reference: expect.stringMatching(/^OD-\d+$/),
      outcome: { verdict: expect.stringMatching(/review|auto_send/), reasons: expect.any(Array) },
    });
    expect(await json(...enquiry)).toMatchObject({ ticketId: first.ticketId });
    expect(await opsdesk(...enquiry.with(2, "Something else."))).toMatchObject({
      code: 1,
      err: expect.stringContaining("external_id_reused"),
    });
  });
});

describe("story", () => {
  it("tells a ticket's story to people and to programs", async () => {
    const { code, out } = await opsdesk("story", "OD-1025");
    expect(code).toBe(0);
    for (const part of [
      "OD-1025",
      "Steps",
      "Runs",
      "Evidence",
      "Gate",
      "Webhooks",
      "People",
      "ai.draft.review_required",
    ])
      expect(out).toContain(part);
    expect(out).not.toContain("\u001b[");
    expect(await json("story", "OD-1025")).toMatchObject({ reference: "OD-1025", steps: expect.any(Array) });
    expect(await opsdesk("story", "OD-9")).toMatchObject({ code: 1, err: expect.stringContaining("story_not_found") });
  });
});

describe("tail", () => {
  it("shows events as they happen", async () => {
    const tailing = runOn(["tail", "--type", "ticket.created", "--limit", "1"], environment);
    // The stream opens a moment after the program starts; what comes before is not of interest to it.
    const sending = (async () => {
      while (tailing.child.exitCode === null) await opsdesk("submit", "--text", "Is there a softphone for my Mac?");
    })();
    await tailing.says("ticket.created");
    await sending;
    expect(tailing.child.exitCode).toBe(0);
  });

  it("resumes behind a position", async () => {
    const [first, second] = await json("tail", "--after", "0", "--limit", "2");
    expect((await json("tail", "--after", String(first.position), "--limit", "1"))[0]).toEqual(second);
  });
});

describe("import", () => {
  it("sends a file once, however often it is run or interrupted", async () => {
    const rows = Array.from({ length: 20 }, (_, i) => `"The screen ${i} stays dark, again",x`);
    const csv = await file("many.csv", `text,category\n${rows.join("\n")}\n`);
    expect(await json("import", csv, "--limit", "8")).toMatchObject({ read: 8, accepted: 8, duplicates: 0 });
    expect(await json("import", csv)).toMatchObject({ read: 20, accepted: 12, duplicates: 8, refused: 0 });
    expect(await json("import", csv)).toMatchObject({
      read: 20,
      accepted: 0,
      duplicates: 20,
      source: expect.stringMatching(/^import:[0-9a-f]{16}$/),
    });
  });

  it("reads .jsonl with the rows' own ids, and reports what was refused", async () => {
    const good = { id: "a-1", text: "My mailbox is full.", from: { name: "Bo", email: "bo@example.com" } };
    const jsonl = await file(
      "some.jsonl",
      [good, { id: "a-2", text: "" }].map((row) => JSON.stringify(row)).join("\n"),
    );
    const { code, out } = await opsdesk("import", jsonl, "--source", "crm", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      source: "crm",
      accepted: 1,
      refused: 1,
      refusals: [{ count: 1, firstRow: 2 }],
    });
  });

  it("posts every letter of an .mbox", async () => {
    const letter = (id: string) =>
      `From bo@example.com Mon Nov 16 14:12:00 2026\nMessage-ID: <${id}@example.com>\nFrom: Bo <bo@example.com>\nSubject: VPN\n\nHow do I use the VPN?\n`;
    const mbox = await file("mail.mbox", `${letter("m1")}\n${letter("m2")}`);
    expect(await json("import", mbox)).toMatchObject({ accepted: 2, duplicates: 0 });
    expect(await json("import", mbox)).toMatchObject({ accepted: 0, duplicates: 2 });
  });
});

describe("knowledge", () => {
  it("adds a document that can be found right after", async () => {
    const document = await file(
      "lift.md",
      "# The goods lift\n\nThe goods lift in the Marlowe Building is serviced on the first Monday of each month.\n",
    );
    expect(await json("knowledge", "add", document)).toMatchObject({
      added: [{ sourceId: "lift", version: 1, status: "live", chunks: 1 }],
    });
    const { results } = await json("knowledge", "search", "when is the goods lift serviced", "--limit", "1");
    expect(results[0].citation).toMatchObject({ sourceId: "lift" });
  });
});

describe("desk apply", () => {
  it("applies a pack once", async () => {
    await json("desk", "apply", SAMPLE);
    expect(await json("desk", "apply", SAMPLE)).toMatchObject({ changed: false });
  });
});

describe("train", () => {
  it("teaches the desk and prints held-out figures; the same again teaches nothing", async () => {
    const examples = await file(
      "lessons.csv",
      'text,category\n"The zorble on my desk phone blinks",telephony\n"My zorble rings twice",telephony\n',
    );
    expect(await json("train", "--examples", examples)).toMatchObject({
      outcome: "trained",
      router: { heldOut: { n: expect.any(Number) } },
    });
    expect(await json("train", "--examples", examples)).toMatchObject({ outcome: "unchanged" });
  }, 120_000);

  it("refuses a category that the desk does not have", async () => {
    const examples = await file("wrong.csv", "text,category\nhello,no-such-category\n");
    expect(await opsdesk("train", "--examples", examples)).toMatchObject({
      code: 1,
      err: expect.stringContaining("category_not_in_desk"),
    });
  });
});

describe("evaluate", () => {
  it("runs golden scenarios and fails when one does", async () => {
    const { code, out } = await opsdesk("evaluate", "--scenario", "solicitor-after-data-loss", "--json");
    const run = JSON.parse(out);
    expect(run).toMatchObject({ status: "completed", results: [{ scenarioId: "solicitor-after-data-loss" }] });
    expect(code).toBe(run.results[0].passed === true ? 0 : 1);
  }, 120_000);
});

describe("recovery", () => {
  it("lists no dead letters after good work, and knows none of a wrong id", async () => {
    expect(await json("dead-letters", "list")).toMatchObject({ items: [] });
    for (const words of [
      ["show", "nope"],
      ["retry", "nope"],
      ["edit", "nope", "--event", await file("event.json", "{}")],
    ])
      expect(await opsdesk("dead-letters", ...words)).toMatchObject({
        code: 1,
        err: expect.stringContaining("dead_letter_unknown"),
      });
  });

  it("replays what was handled as duplicates", async () => {
    expect(
      await json("replay", "--service", "console", "--from", "0", "--topic", "ticket.created.v1", "--dry-run"),
    ).toMatchObject({ read: expect.any(Number) });
    const { outcomes, read } = await json(
      "replay",
      "--service",
      "retrieval",
      "--from",
      "0",
      "--handler",
      "on-ticket-triaged",
      "--per-second",
      "10000",
    );
    expect(outcomes.duplicate).toBe(read);
    expect(await opsdesk("replay", "--service", "triage", "--from", "yesterday-ish")).toMatchObject({ code: 2 });
  });

  it("decides the reference ticket again, to the same end", async () => {
    expect(await json("replay-decision", "OD-1025")).toMatchObject({
      items: [{ reference: "OD-1025", replay: { result: "same" } }],
    });
  });
});

describe("webhooks replay", () => {
  it("sends one delivery again", async () => {
    const { webhooks } = await json("story", "OD-1025");
    expect(await json("webhooks", "replay", webhooks[0].deliveryId)).toMatchObject({
      replayed: 1,
      deliveryIds: [webhooks[0].deliveryId],
    });
    expect(await opsdesk("webhooks", "replay")).toMatchObject({ code: 2 });
  });
});

describe("autosend", () => {
  it("stops automatic replies and lifts the stop; the next drafts are decided under it", async () => {
    const licensed = "How do I connect to the VPN from home?";
    const outcome = async (n: number) =>
      (await json("submit", "--text", licensed, "--from", `Kim ${n} <kim${n}@example.com>`, "--wait")).outcome.verdict;
    expect(await outcome(1)).toBe("auto_send");
    expect((await json("autosend", "off", "--category", "vpn")).stopped).toMatchObject([{ categoryId: "vpn" }]);
    expect(await outcome(2)).toBe("review");
    expect((await opsdesk("autosend")).out).toContain("vpn is stopped since");
    expect(await json("autosend", "on", "--category", "vpn")).toEqual({ stopped: [] });
    expect(await outcome(3)).toBe("auto_send");
  }, 60_000);

  it("refuses a category that the desk does not have, and a word that it does not know", async () => {
    const unknown = await opsdesk("autosend", "off", "--category", "plumbing");
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining("category_unknown")]);
    expect((await opsdesk("autosend", "perhaps")).code).toBe(2);
  });
});
