import { topicCatalogue } from "./catalogue.ts";
import { contractOf } from "./contracts.ts";
import { edgeCopyTopic, edgeOf, edgeTopicsOf, topicsOfService, topicsToConsume } from "./edge.ts";
import type { EventContract } from "./event.ts";

const contract = (type: string): EventContract => {
  const found = contractOf(type);
  if (found === undefined) throw new Error(`no contract ${type}`);
  return found;
};

describe("edge topics", () => {
  it("gives a tenant one topic for each type that a party outside sends or reads, and no other", () => {
    expect(edgeTopicsOf("acme").map(({ name, direction }) => `${direction} ${name}`)).toEqual([
      "out ai.draft.auto_approved.v1.acme",
      "out ai.draft.decision_refused.v1.acme",
      "out ai.draft.retired.v1.acme",
      "out ai.draft.review_required.v1.acme",
      "out enquiry.accepted.v1.acme",
      "out enquiry.rejected.v1.acme",
      "in enquiry.submitted.v1.acme",
    ]);
  });

  it("lets those outside write only where ingest reads, and read only what services write", () => {
    for (const { direction, producers, consumers } of edgeTopicsOf("acme")) {
      if (direction === "in") expect([producers, consumers]).toEqual([["upstream"], ["ingest"]]);
      else {
        expect(producers).not.toContain("upstream");
        expect(["upstream", "crm"]).toEqual(expect.arrayContaining([...consumers]));
      }
    }
  });

  it("knows whose a record is by the topic it came by", () => {
    expect(edgeOf("enquiry.submitted.v1.acme")).toMatchObject({ tenant: "acme", contract: { major: 1 } });
    for (const topic of [
      "enquiry.submitted.v1",
      "enquiry.submitted.v1.",
      "enquiry.submitted.v1.acme~eval",
      "enquiry.submitted.v1.acme.globex",
      "enquiry.submitted.v2.acme",
      "enquiry.accepted.v1.acme",
      "ticket.created.v1.acme",
      "acme",
      "",
    ])
      expect(edgeOf(topic)).toBeUndefined();
  });

  it("takes no catalogued topic for an edge topic, nor two tenants' topics for one", () => {
    const names = [
      ...topicCatalogue.map(({ name }) => name),
      ...["acme", "acme-2", "2"].flatMap((tenant) => edgeTopicsOf(tenant).map(({ name }) => name)),
    ];
    expect(new Set(names).size).toBe(names.length);
    for (const { name } of topicCatalogue) expect(edgeOf(name)).toBeUndefined();
  });

  it("adds topics to consume only to what those outside send", () => {
    expect(topicsToConsume(contract("enquiry.submitted"), ["acme", "globex"])).toEqual([
      "enquiry.submitted.v1",
      "enquiry.submitted.v1.acme",
      "enquiry.submitted.v1.globex",
    ]);
    expect(topicsToConsume(contract("enquiry.accepted"), ["acme"])).toEqual(["enquiry.accepted.v1"]);
  });

  it("names every topic that a service reads or writes, with those of the tenants outside", () => {
    const own = topicsOfService("ingest", []);
    for (const { name, producers, consumers } of topicCatalogue)
      expect([name, own.includes(name)]).toEqual([name, producers.includes("ingest") || consumers.includes("ingest")]);
    expect(topicsOfService("ingest", ["acme"]).filter((topic) => !own.includes(topic))).toEqual([
      "ai.draft.retired.v1.acme",
      "enquiry.accepted.v1.acme",
      "enquiry.rejected.v1.acme",
      "enquiry.submitted.v1.acme",
    ]);
    expect(topicsOfService("retrieval", ["acme"])).toEqual(topicsOfService("retrieval", []));
  });

  it("copies to a tenant's edge only what is that tenant's and meant for those outside", () => {
    expect(edgeCopyTopic(contract("enquiry.accepted"), "acme", ["acme"])).toBe("enquiry.accepted.v1.acme");
    expect(edgeCopyTopic(contract("enquiry.accepted"), "globex", ["acme"])).toBeUndefined();
    expect(edgeCopyTopic(contract("enquiry.accepted"), "acme~eval", ["acme"])).toBeUndefined();
    expect(edgeCopyTopic(contract("enquiry.submitted"), "acme", ["acme"])).toBeUndefined();
    expect(edgeCopyTopic(contract("ticket.created"), "acme", ["acme"])).toBeUndefined();
  });
});
