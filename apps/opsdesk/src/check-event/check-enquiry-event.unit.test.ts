import { describe, expect, it } from "@jest/globals";
import { validExamples } from "@opsdesk/schemas/examples";
import { checkEnquiryEvent } from "./check-enquiry-event.ts";

const MINIMAL = {
  id: "1",
  source: "shop",
  type: "enquiry.submitted",
  data: { channel: "web", from: { name: "Bo" }, text: "Hello" },
};
const places = (event: unknown): readonly string[] =>
  checkEnquiryEvent(typeof event === "string" ? event : JSON.stringify(event)).map(({ path }) => path);

describe("checking an enquiry event", () => {
  it.each(validExamples("enquiry.submitted").map(({ event, name }) => [name, event] as const))(
    "passes %s",
    (_name, event) => expect(checkEnquiryEvent(JSON.stringify(event))).toEqual([]),
  );

  it("needs no more than an id, a source, a type and data", () =>
    expect(checkEnquiryEvent(JSON.stringify(MINIMAL))).toEqual([]));

  it("names every place that is wrong", () => {
    expect(places("{")).toEqual([""]);
    expect(places("[]")).toEqual([""]);
    expect(places({})).toEqual(expect.arrayContaining(["/id", "/source", "/type", "/data"]));
    expect(places({ ...MINIMAL, type: "ticket.created" })).toEqual(["/type"]);
    expect(places({ ...MINIMAL, schemaversion: "2.0" })).toEqual(["/schemaversion"]);
    expect(places({ ...MINIMAL, time: "yesterday" })).toEqual(["/time"]);
    expect(places({ ...MINIMAL, data: { ...MINIMAL.data, from: {}, urgent: true } })).toEqual(
      expect.arrayContaining(["/data/from/name", "/data/urgent"]),
    );
    expect(places({ ...MINIMAL, data: { ...MINIMAL.data, text: "x".repeat(300_000) } })).toEqual([""]);
  });
});
