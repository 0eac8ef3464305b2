import { sha256Hex } from "@opsdesk/identity";
import type { BusRecord } from "@opsdesk/messaging";
import { type Harness, startHarness } from "@opsdesk/service/testing";
import { ingestService } from "./wiring.ts";

const INSTALL_KEY = "install-key-for-tests-only";
const TENANTS = ["acme", "globex"] as const;
let desk: Harness;

beforeAll(async () => {
  desk = await startHarness(ingestService, {
    environment: { INSTALL_KEY_SHA256: sha256Hex(INSTALL_KEY), REPLY_CHANNEL: "capture" },
    edgeTenants: TENANTS,
  });
  for (const id of TENANTS) {
    const made = await desk.app.inject({
      method: "POST",
      url: "/v1/businesses",
      headers: { authorization: `Bearer ${INSTALL_KEY}` },
      payload: { id, name: id },
    });
    expect(made.statusCode).toBe(201);
  }
}, 120_000);
afterAll(() => desk.stop());

const submit = async (topic: string, event: object): Promise<void> => {
  const value = JSON.stringify({ id: "their-1", source: "/their/system", type: "enquiry.submitted", ...event });
  await desk.bus.send([{ topic, key: null, headers: {}, value }]);
  await desk.settle();
};

const recordsOf = async (topic: string): Promise<readonly BusRecord[]> => {
  const records: BusRecord[] = [];
  for await (const record of desk.bus.read({ topic, from: { offset: 0 } })) records.push(record);
  return records;
};

const enquiry = (externalId: string) => ({
  channel: "email",
  from: { name: "Ada", email: "ada@example.org" },
  subject: "Printer",
  text: "The printer on floor 2 jams.",
  externalId,
});

describe("an enquiry that came by a tenant's edge topic", () => {
  it("is that tenant's, whatever its body claims, and only that tenant's edge hears of it", async () => {
    await submit("enquiry.submitted.v1.acme", { tenantid: "globex", data: enquiry("m-1") });

    const accepted = await desk.published("enquiry.accepted");
    expect(accepted.map(({ tenantid, data }) => [tenantid, data["source"]])).toEqual([["acme", "/edge/acme"]]);
    const [shared] = await recordsOf("enquiry.accepted.v1");
    const copies = await recordsOf("enquiry.accepted.v1.acme");
    expect(copies.map(({ key, value, headers }) => ({ key, value, headers }))).toEqual([
      { key: shared?.key, value: shared?.value, headers: shared?.headers },
    ]);
    expect(await recordsOf("enquiry.accepted.v1.globex")).toEqual([]);
    expect((await desk.published("ticket.created")).map(({ tenantid }) => tenantid)).toEqual(["acme"]);
  });

  it("is another enquiry than one of the same id that came by another tenant's", async () => {
    await submit("enquiry.submitted.v1.globex", { data: enquiry("m-1") });
    expect(await recordsOf("enquiry.accepted.v1.globex")).toHaveLength(1);
    expect(await recordsOf("enquiry.accepted.v1.acme")).toHaveLength(1);
  });

  it("is refused on that tenant's edge when it cannot be accepted", async () => {
    await submit("enquiry.submitted.v1.acme", {
      id: "their-3",
      tenantid: "globex",
      data: { ...enquiry("m-3"), subject: " ", text: " " },
    });
    expect(await recordsOf("enquiry.rejected.v1.acme")).toHaveLength(1);
    expect(await recordsOf("enquiry.rejected.v1.globex")).toEqual([]);
  });

  it("is that tenant's dead letter when it cannot be read", async () => {
    await submit("enquiry.submitted.v1.acme", {
      id: "their-2",
      tenantid: "globex",
      data: { ...enquiry("m-2"), text: 7 },
    });
    const letters = await desk.runtime.deadLetters.list({ tenant: "acme", code: "record_invalid", limit: 10 });
    expect(letters.items.map(({ topic, code }) => [topic, code])).toEqual([
      ["enquiry.submitted.v1.acme", "record_invalid"],
    ]);
    expect((await desk.runtime.deadLetters.list({ tenant: "globex", limit: 10 })).items).toEqual([]);
  });

  it("is offered again by a replay of its topic as what it is: a duplicate", async () => {
    const report = await desk.runtime.replay({
      handler: "on-enquiry-submitted",
      topic: "enquiry.submitted.v1.globex",
      from: { offset: 0 },
      dryRun: false,
      perSecondMax: 1_000,
    });
    expect(report).toMatchObject({ read: 1, outcomes: { duplicate: 1 } });
  });
});
