import { describe, expect, it } from "@jest/globals";
import { type Column, copied } from "./shape.ts";

const column = (over: Partial<Column>): Column => ({
  name: "c",
  type: "text",
  given: false,
  inIndex: true,
  various: true,
  sample: null,
  outOfLine: false,
  ...over,
});
const of = (over: Partial<Column>): string | undefined => copied(column(over), "n", "s", false);

describe("a copy of a row", () => {
  it("has other ids of the same kind", () => {
    expect(of({ sample: "tkt_7fe16mc5s1axr8c4hh267a4hsk" })).toBe(`'tkt_' || left(md5("c" || ':' || n), 26) || ''`);
    expect(of({ sample: "<msg_7fe16mc5s1axr8c4hh267a4hsk@it-helpdesk.opsdesk>" })).toBe(
      `'<msg_' || left(md5("c" || ':' || n), 26) || '@it-helpdesk.opsdesk>'`,
    );
    expect(of({ sample: "787fc576-0f59-50df-9057-e4bf66997e94" })).toBe(`md5("c" || ':' || n)::uuid::text`);
    expect(of({ sample: "787fc576-0f59-50df-9057-e4bf66997e94", type: "uuid" })).toContain("::uuid");
  });

  it("goes on rising where numbers rise, and only where an index holds them", () => {
    expect(of({ type: "bigint", sample: "7" })).toBe(`"c" + n * s`);
    expect(of({ type: "bigint", sample: "7", inIndex: false })).toBe(`"c"`);
    expect(of({ sample: "OD-1025" })).toContain("'OD-' ||");
    expect(of({ sample: "bench-3@example.org" })).toContain("|| '@example.org'");
  });

  it("keeps what many rows share, and leaves to Postgres what Postgres gives", () => {
    expect(of({ sample: "whe_494awhgpnzapmasb8m4hp2mh52", various: false })).toBe(`"c"`);
    expect(of({ given: true })).toBeUndefined();
  });

  it("leaves out bodies only where it is told to", () => {
    expect(of({ outOfLine: true, sample: "{}" })).toBe(`"c"`);
    expect(copied(column({ outOfLine: true }), "n", "s", true)).toBe(`left("c", 64)`);
  });
});
