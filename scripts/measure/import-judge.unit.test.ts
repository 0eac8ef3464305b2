import { describe, expect, it } from "@jest/globals";
import type { Envelope } from "../../schemas/src/envelope.ts";
import { judgeImport } from "./import-judge.ts";

let made = 0;
const event = (type: string, data: object): Envelope => ({
  specversion: "1.0",
  id: `event-${(made += 1)}`,
  source: "/opsdesk/test",
  type,
  schemaversion: "1.0",
  time: `2026-01-01T00:00:${String(made % 60).padStart(2, "0")}Z`,
  datacontenttype: "application/json",
  correlationid: "c",
  idempotencykey: "k",
  tenantid: "t",
  data,
});

/** What the log holds of one row that went well. */
const chain = (row: number): Envelope[] => {
  const ticketId = `tkt_${row}`;
  const at = { ticketId, conversationVersion: 1 };
  return [
    event("ticket.created", { ...at, source: "import:x", externalId: String(row) }),
    event("enquiry.accepted", { ticketId }),
    event("ticket.triaged", at),
    event("context.retrieved", at),
    event("ai.draft.proposed", { ...at, outcome: "abstained" }),
    event("ai.draft.review_required", at),
  ];
};

describe("the judgement of an import", () => {
  it("finds nothing wrong where every row has its chain once", () => {
    expect(judgeImport([...chain(1), ...chain(2)], "import:x", 2)).toMatchObject({
      tickets: 2,
      events: 12,
      problems: [],
      dispositions: { "abstained → ai.draft.review_required": 2 },
    });
  });

  it.each([
    ["a lost row", () => chain(1), /row 2 became 0/],
    [
      "a row that became two tickets",
      () => [
        ...chain(1),
        ...chain(2),
        event("ticket.created", { ticketId: "tkt_9", source: "import:x", externalId: "2" }),
      ],
      /row 2 became 2/,
    ],
    [
      "a missing link",
      () => [...chain(1), ...chain(2).filter(({ type }) => type !== "context.retrieved")],
      /tkt_2: 0 × context\.retrieved/,
    ],
    ["a missing disposition", () => [...chain(1), ...chain(2).slice(0, 5)], /tkt_2: no disposition/],
    [
      "a second disposition",
      () => [...chain(1), ...chain(2), event("ai.draft.auto_approved", { ticketId: "tkt_2", conversationVersion: 1 })],
      /tkt_2: 2 dispositions/,
    ],
    [
      "the same event twice",
      () => [...chain(1), ...chain(2)].flatMap((one, i) => (i === 3 ? [one, one] : [one])),
      /twice/,
    ],
  ])("finds %s", (_what, log, problem) => {
    expect(judgeImport(log(), "import:x", 2).problems).toEqual(
      expect.arrayContaining([expect.stringMatching(problem)]),
    );
  });
});
