import type { AdminCommandSubmitted } from "@opsdesk/schemas/admin-command-submitted";
import { NOW, TENANT, aDesk, anEvent } from "./proposal.fixture.ts";
import { decideSwitch } from "./switch-auto-send.ts";

const state = { desks: new Map([[TENANT, { desk: aDesk() }]]), heads: new Map() };
const commanded = (change: Partial<AdminCommandSubmitted> = {}) =>
  decideSwitch(
    anEvent("admin.command_submitted", {
      actor: { kind: "person", id: "ruth" },
      target: "policy",
      command: "auto_send_off",
      arguments: {},
      ...change,
    }),
    state,
    { now: NOW },
  );
const refusal = (change: Partial<AdminCommandSubmitted>): unknown => {
  const outcome = commanded(change);
  if (outcome.outcome !== "done") return outcome.outcome;
  return (outcome.effects.events?.[0]?.data as { code?: string } | undefined)?.code;
};

describe("decideSwitch", () => {
  it("stops the desk, or the categories that are named, and says so to the auditor", () => {
    expect(commanded()).toMatchObject({
      effects: {
        rows: { switches: [{ categoryId: "", stopped: true, changedBy: "ruth" }], audit: { action: "policy_edited" } },
      },
    });
    expect(commanded({ arguments: { categories: ["vpn", "vpn", "hardware"] } })).toMatchObject({
      effects: { rows: { switches: [{ categoryId: "vpn" }, { categoryId: "hardware" }] } },
    });
  });
  it("lifts a stop", () => {
    expect(commanded({ command: "auto_send_on" })).toMatchObject({
      effects: { rows: { switches: [{ categoryId: "", stopped: false }] } },
    });
  });
  it.each([
    ["ruth", undefined, undefined],
    ["priya", undefined, "not_allowed"],
    ["callum", "not_allowed", "not_allowed"],
    ["eve", "not_allowed", "not_allowed"],
  ])("lets %s stop: %s, and lift a stop: %s", (id, off, on) => {
    const actor = { kind: "person" as const, id };
    expect([refusal({ actor }), refusal({ actor, command: "auto_send_on" })]).toEqual([off, on]);
  });
  it("refuses what it does not know", () => {
    expect(refusal({ command: "sing" })).toBe("command_unknown");
    expect(refusal({ command: "toString" })).toBe("command_unknown");
    expect(refusal({ arguments: { categories: "vpn" } })).toBe("arguments_invalid");
    expect(refusal({ arguments: { categories: [1] } })).toBe("arguments_invalid");
    expect(refusal({ arguments: { categories: ["unknown"] } })).toBe("category_unknown");
  });
  it("leaves other owners' commands to them", () => {
    expect(refusal({ target: "endpoint" })).toBe("ignore");
  });
});
