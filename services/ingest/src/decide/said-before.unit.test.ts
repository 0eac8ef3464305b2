import type { Envelope } from "@opsdesk/schemas/envelope";
import { saidIn } from "./said-before.ts";

const fact = (type: string, data: unknown): Envelope =>
  ({ type, tenantid: "acme", time: "2026-01-01T00:00:00Z", data }) as unknown as Envelope;

describe("what was said before a slice was lost", () => {
  it("holds the references that customers know, the highest of their numbers, and how replies ended", () => {
    const said = saidIn([
      fact("ticket.created", { ticketId: "tkt_1", reference: "OD-1030" }),
      fact("ticket.created", { ticketId: "tkt_2", reference: "OD-1029" }),
      fact("ticket.changed", { ticketId: "tkt_2", reference: "OD-9999" }),
      fact("reply.sent", { messageId: "msg_1", sentAt: "2026-01-01T00:00:01Z" }),
      fact("reply.failed", { messageId: "msg_2" }),
    ]);
    expect([...said.references]).toEqual([
      ["tkt_1", "OD-1030"],
      ["tkt_2", "OD-1029"],
    ]);
    expect([...said.lastNumbers]).toEqual([["acme", 1_030]]);
    expect([...said.replies]).toEqual([
      ["msg_1", { state: "sent", at: "2026-01-01T00:00:01Z" }],
      ["msg_2", { state: "failed", at: "2026-01-01T00:00:00Z" }],
    ]);
  });
});
