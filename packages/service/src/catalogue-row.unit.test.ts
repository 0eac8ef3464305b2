import { heldToRow } from "./catalogue-row.ts";

const nothing = () => Promise.resolve();
const projection = (types: readonly ["ticket.created"]) => ({
  types,
  project: nothing,
  rebuild: () => Promise.resolve({ project: nothing, activate: nothing }),
});
const handler = { type: "ticket.created", decide: () => ({ outcome: "ignore" as const, reason: "tested" }) } as const;

describe("heldToRow", () => {
  it("takes what the catalogue lets a service read", () => {
    expect(() => heldToRow("triage", { handlers: { "on-ticket-created": handler } })).not.toThrow();
    expect(() =>
      heldToRow("analytics", { handlers: {}, projections: { events: projection(["ticket.created"]) } }),
    ).not.toThrow();
  });
  it("refuses a handler and a projection of what others read", () => {
    expect(() => heldToRow("retrieval", { handlers: { "on-ticket-created": handler } })).toThrow(
      /retrieval: on-ticket-created reads ticket.created, whose consumers are /,
    );
    expect(() =>
      heldToRow("retrieval", { handlers: {}, projections: { search: projection(["ticket.created"]) } }),
    ).toThrow(/retrieval: search reads ticket.created/);
  });
});
