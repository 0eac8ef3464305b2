import { newSecret, secretBox } from "../../services/webhook/src/clients/secret-box.ts";
import { type Sign, standardSigner } from "../../services/webhook/src/clients/signer.ts";
import { type Client, go, javascript, python } from "./clients.ts";
import { type Running, eventually, start } from "./running.ts";

const box = secretBox("a key for tests that is long enough");
const sign: Sign = standardSigner(box);
const SECRET = newSecret();

const clients: readonly (readonly [string, number, () => Client])[] = [
  ["JavaScript", 19_481, javascript],
  ["Python", 19_482, python],
  ["Go", 19_483, go],
];

// The signatures are made by what the webhook service signs with.
describe.each(clients)("a receiver in %s", (_language, port, install) => {
  let running: Running;

  beforeAll(async () => {
    running = start(install().verify(), { PORT: String(port), WEBHOOK_SECRET: SECRET });
    await running.said("listening");
  }, 600_000);

  afterAll(() => running.stop());

  const bodyOf = (reference: string): string =>
    JSON.stringify({
      type: "ai.draft.review_required",
      timestamp: "2026-11-22T10:00:00Z",
      data: { reference, summary: "Grüße 😀", nothing: null },
    });

  const deliver = async (
    id: string,
    body: string,
    {
      secrets = [SECRET],
      at = new Date(),
      sent = body,
    }: { secrets?: readonly string[]; at?: Date; sent?: string } = {},
  ): Promise<number> => {
    const sealed = secrets.map((secret) => box.seal(secret));
    const headers = { "content-type": "application/json", ...sign(sealed, id, at.toISOString(), body) };
    return (await fetch(`http://127.0.0.1:${String(port)}/`, { method: "POST", headers, body: sent })).status;
  };

  const printed = (id: string): readonly string[] => running.lines().filter((line) => line.includes(id));

  it("takes what was signed with its secret, and a retry of it only once", async () => {
    expect(await deliver("msg_first", bodyOf("OD-1025"))).toBe(204);
    expect(await deliver("msg_first", bodyOf("OD-1025"))).toBe(204);
    expect(await deliver("msg_second", bodyOf("OD-1026"))).toBe(204);
    await eventually(() => (printed("msg_second").length > 0 ? true : undefined));
    expect(printed("msg_first").map((line) => JSON.parse(line) as unknown)).toEqual([
      { id: "msg_first", type: "ai.draft.review_required", reference: "OD-1025" },
    ]);
  });

  it("takes what carries a second signature while the secret is rotated", async () => {
    expect(await deliver("msg_rotated", bodyOf("OD-1027"), { secrets: [newSecret(), SECRET] })).toBe(204);
  });

  it("refuses another secret, a changed body, an old timestamp and no signature", async () => {
    const body = bodyOf("OD-1028");
    const old = new Date(Date.now() - 10 * 60_000);
    expect(await deliver("msg_other", body, { secrets: [newSecret()] })).toBe(400);
    expect(await deliver("msg_changed", body, { sent: body.replace("OD-1028", "OD-1029") })).toBe(400);
    expect(await deliver("msg_rewritten", body, { sent: JSON.stringify(JSON.parse(body), null, 1) })).toBe(400);
    expect(await deliver("msg_old", body, { at: old })).toBe(400);
    expect((await fetch(`http://127.0.0.1:${String(port)}/`, { method: "POST", body })).status).toBe(400);
    for (const id of ["msg_other", "msg_changed", "msg_rewritten", "msg_old"]) expect(printed(id)).toEqual([]);
  });
});
