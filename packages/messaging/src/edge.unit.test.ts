import { RejectedError } from "@opsdesk/errors";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { BusRecord } from "./bus.ts";
import { decode } from "./decode.ts";
import { edgeTenantsFrom, publicationsOf } from "./edge.ts";

const enquiry = {
  specversion: "1.0",
  id: "their-1",
  source: "/crm/globex",
  type: "enquiry.submitted",
  correlationid: "their-correlation",
  data: { channel: "email", from: { name: "Ada" }, text: "Where is it?", externalId: "m-1" },
};
const options = { defaultTenant: "it-helpdesk" };

const recordOn = (topic: string, value: string, headers: Record<string, string> = {}): BusRecord => ({
  topic,
  key: null,
  headers,
  value,
  partition: 0,
  offset: 0,
  timestamp: 0,
});

function read(topic: string, body: unknown, headers: Record<string, string> = {}): Envelope {
  const decoded = decode(recordOn(topic, typeof body === "string" ? body : JSON.stringify(body), headers), options);
  if (!decoded.ok) throw new Error(`${decoded.code}: ${decoded.message}`);
  return decoded.event;
}

describe("a record that came by an edge topic", () => {
  it("is of the topic's tenant and source, and keeps its correlation id", () => {
    expect(read("enquiry.submitted.v1.acme", enquiry)).toMatchObject({
      tenantid: "acme",
      source: "/edge/acme",
      correlationid: "their-correlation",
      idempotencykey: "acme:/edge/acme:m-1",
    });
  });

  it("is not believed when its body claims another tenant, source or idempotency key", () => {
    const claims = { tenantid: "globex", source: "/opsdesk/console", idempotencykey: "globex:/edge/globex:m-1" };
    const told = { tenantid: "acme", source: "/edge/acme", idempotencykey: "acme:/edge/acme:m-1" };
    expect(read("enquiry.submitted.v1.acme", { ...enquiry, ...claims })).toMatchObject(told);
    const { data, ...attributes } = enquiry;
    const headers = Object.fromEntries(
      Object.entries({ ...attributes, ...claims }).map(([name, value]) => [`ce_${name}`, value]),
    );
    expect(read("enquiry.submitted.v1.acme", data, headers)).toMatchObject(told);
  });

  it("is that tenant's dead letter when it cannot be read, whatever it claims", () => {
    for (const body of ["no JSON", "[]", JSON.stringify({ ...enquiry, tenantid: "globex", data: {} })])
      expect(decode(recordOn("enquiry.submitted.v1.acme", body), options)).toMatchObject({ ok: false, tenant: "acme" });
  });

  it("cannot be of another type, nor come by a topic that only services write to", () => {
    expect(
      decode(recordOn("enquiry.submitted.v1.acme", JSON.stringify({ ...enquiry, type: "ticket.created" })), options),
    ).toMatchObject({ ok: false, code: "type_unknown" });
    expect(decode(recordOn("ticket.created.v1.acme", JSON.stringify(enquiry)), options)).toMatchObject({
      ok: false,
      code: "topic_unknown",
    });
  });

  it("changes nothing for the shared topic", () => {
    expect(read("enquiry.submitted.v1", { ...enquiry, tenantid: "globex" })).toMatchObject({
      tenantid: "globex",
      source: "/crm/globex",
    });
    expect(read("enquiry.submitted.v1", enquiry).tenantid).toBe("it-helpdesk");
  });
});

describe("what is published", () => {
  const prepared = (type: string, tenantid: string) => ({
    // Only what decides where it goes.
    envelope: { type, tenantid, id: "e-1" } as Envelope,
    record: { topic: `${type}.v1`, key: "ticket-1", headers: { ce_id: "e-1" }, value: "{}" },
  });

  it("is copied, with the same id, key and body, to the edge topic of a tenant that has them", () => {
    expect(publicationsOf("cause", prepared("enquiry.accepted", "acme"), ["acme", "globex"])).toEqual([
      {
        causeId: "cause",
        record: { topic: "enquiry.accepted.v1", key: "ticket-1", headers: { ce_id: "e-1" }, value: "{}" },
      },
      {
        causeId: "cause",
        record: { topic: "enquiry.accepted.v1.acme", key: "ticket-1", headers: { ce_id: "e-1" }, value: "{}" },
      },
    ]);
  });

  it("is not copied for others, for shadow tenants, or when nobody outside reads it", () => {
    for (const [type, tenant, edges] of [
      ["enquiry.accepted", "acme", []],
      ["enquiry.accepted", "acme", ["globex"]],
      ["enquiry.accepted", "acme~eval", ["acme"]],
      ["ticket.created", "acme", ["acme"]],
      ["enquiry.submitted", "acme", ["acme"]],
    ] as const)
      expect(publicationsOf("cause", prepared(type, tenant), edges)).toHaveLength(1);
  });
});

describe("OPSDESK_EDGE_TENANTS", () => {
  it("names tenants, none by default, each once", () => {
    expect(edgeTenantsFrom({})).toEqual([]);
    expect(edgeTenantsFrom({ OPSDESK_EDGE_TENANTS: "globex, acme,,acme" })).toEqual(["acme", "globex"]);
  });

  it("refuses names that are no tenant's, all at once", () => {
    expect(() => edgeTenantsFrom({ OPSDESK_EDGE_TENANTS: "acme,Acme,a.b,acme~eval" })).toThrow(RejectedError);
    expect(() => edgeTenantsFrom({ OPSDESK_EDGE_TENANTS: "acme,Acme,a.b" })).toThrow(/"Acme", "a\.b"/);
  });
});
