import fc from "fast-check";
import { type AuditHead, type AuditRow, NO_ROWS, auditRow, verifyHead, verifyRows } from "./audit-chain.ts";

const content = fc.record({
  action: fc.string(),
  object: fc.string(),
  ticketId: fc.option(fc.string()),
  actor: fc.record({ kind: fc.constant("person"), id: fc.string() }),
  at: fc.constant("2026-11-20T14:12:05.000Z"),
  detail: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
});
const chains = fc.array(content, { minLength: 1, maxLength: 12 }).map((contents) => {
  let head: AuditHead = NO_ROWS;
  const rows = contents.map((one) => {
    const row = auditRow("t", head, one);
    head = { sequence: row.sequence, hash: row.hash };
    return row;
  });
  return { rows, head };
});
const isWhole = (rows: readonly AuditRow[], kept: AuditHead): boolean => {
  const verified = verifyRows("t", NO_ROWS, rows);
  return !("problem" in verified) && verifyHead(kept, verified) === undefined;
};

describe("the audit chain", () => {
  it("verifies as it was written, in one walk or page by page", () => {
    fc.assert(
      fc.property(chains, fc.nat(), ({ rows, head }, n) => {
        expect(isWhole(rows, head)).toBe(true);
        const cut = n % (rows.length + 1);
        const first = verifyRows("t", NO_ROWS, rows.slice(0, cut));
        expect(verifyRows("t", first as AuditHead, rows.slice(cut))).toEqual(head);
      }),
    );
  });

  it("detects a change of any column of any row", () => {
    const change = fc.constantFrom<keyof AuditRow>(
      "tenant",
      "sequence",
      "previousHash",
      "hash",
      "action",
      "ticketId",
      "content",
    );
    fc.assert(
      fc.property(chains, fc.nat(), change, ({ rows, head }, n, column) => {
        const at = n % rows.length;
        const row = rows[at]!;
        const changed = { ...row, [column]: column === "sequence" ? row.sequence + 1 : `${row[column] ?? ""}x` };
        expect(isWhole(rows.with(at, changed), head)).toBe(false);
      }),
    );
  });

  it("detects a row that is gone, doubled or moved, wherever it was", () => {
    fc.assert(
      fc.property(chains, fc.nat(), ({ rows, head }, n) => {
        const at = n % rows.length;
        expect(isWhole(rows.toSpliced(at, 1), head)).toBe(false);
        expect(isWhole(rows.toSpliced(at, 0, rows[at]!), head)).toBe(false);
        const other = (at + 1) % rows.length;
        if (other !== at) expect(isWhole(rows.with(at, rows[other]!).with(other, rows[at]!), head)).toBe(false);
      }),
    );
  });

  it("detects a row that was rewritten together with its own hash", () => {
    fc.assert(
      fc.property(chains, fc.nat(), ({ rows, head }, n) => {
        const at = n % rows.length;
        const before = at === 0 ? NO_ROWS : { sequence: at, hash: rows[at - 1]!.hash };
        const forged = auditRow("t", before, {
          action: "forged",
          object: "x",
          ticketId: null,
          actor: { kind: "person", id: "eve" },
          at: "",
          detail: {},
        });
        expect(isWhole(rows.with(at, forged), head)).toBe(false);
      }),
    );
  });

  it("names the first row that is wrong", () => {
    const first = auditRow("t", NO_ROWS, {
      action: "a",
      object: "o",
      ticketId: null,
      actor: { kind: "person", id: "p" },
      at: "",
      detail: {},
    });
    expect(verifyRows("t", NO_ROWS, [{ ...first, sequence: 2 }])).toEqual({ sequence: 1, problem: "missing" });
    expect(verifyRows("t", NO_ROWS, [{ ...first, content: "{}" }])).toEqual({ sequence: 1, problem: "altered" });
    expect(verifyRows("u", NO_ROWS, [first])).toEqual({ sequence: 1, problem: "altered" });
  });
});
