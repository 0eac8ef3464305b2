import { CLOSED, failed, mayAsk } from "./breaker.ts";
import {
  incidentOf,
  incidentRisk,
  makesNeighbours,
  neighboursOf,
  type SharedTicket,
  type StormPolicy,
} from "./incident.ts";
import { sitesIn } from "./places.ts";
import { edgesMerged, edgesOf } from "./ticket-edges.ts";

const policy: StormPolicy = { windowMinutes: 40, ticketsMin: { site: 3, asset: 2, category: 0 } };
const at = (minute: number): string => new Date(Date.parse("2026-11-20T09:00:00Z") + minute * 60_000).toISOString();
const harbour = { kind: "site", id: "harbour" } as const;
const shared = (number: number, minute: number, anchor: SharedTicket["anchor"] = harbour): SharedTicket => ({
  ticketId: `tkt_${number}`,
  reference: `OD-${number}`,
  at: at(minute),
  anchor,
  sourceIds: [],
});
const asking = { ticketId: "tkt_9", at: at(50) };

describe("incidentOf", () => {
  it("counts the ticket itself and those within the window before it", () => {
    expect(incidentOf(asking, [shared(1, 20), shared(2, 49)], policy)).toEqual({
      ...harbour,
      tickets: 3,
      windowMinutes: 40,
    });
    expect(incidentOf(asking, [shared(1, 10), shared(2, 49)], policy)).toBeUndefined();
    expect(incidentOf(asking, [shared(1, 51), shared(2, 49)], policy)).toBeUndefined();
  });
  it("counts no ticket twice, and not the one that asks", () => {
    expect(incidentOf(asking, [shared(1, 40), shared(1, 40), shared(9, 45)], policy)).toBeUndefined();
  });
  it("names the largest group, and of equal ones what is most telling", () => {
    const printer = { kind: "asset", id: "PRN-1" } as const;
    const both = [shared(1, 40), shared(2, 41), shared(1, 40, printer), shared(2, 41, printer)];
    expect(incidentOf(asking, both, policy)).toMatchObject({ kind: "asset", tickets: 3 });
    expect(incidentOf(asking, [...both, shared(3, 42)], policy)).toMatchObject({ kind: "site", tickets: 4 });
  });
  it("never counts a kind whose threshold is 0", () => {
    const many = Array.from({ length: 30 }, (_, number) => shared(number + 20, 45, { kind: "category", id: "vpn" }));
    expect(incidentOf(asking, many, policy)).toBeUndefined();
  });
  it("is a risk in words", () => {
    expect(incidentRisk({ ...harbour, tickets: 7, windowMinutes: 40 })).toEqual({
      id: "incident_storm",
      detail: "7 tickets about site harbour within 40 minutes.",
    });
  });
});

describe("makesNeighbours", () => {
  it("takes a category only where it counts towards a storm", () => {
    const kinds = ["site", "asset", "category"] as const;
    const making = (category: number) =>
      kinds.filter((kind) =>
        makesNeighbours({ kind, id: "x" }, { ...policy, ticketsMin: { site: 0, asset: 0, category } }),
      );
    expect(making(0)).toEqual(["site", "asset"]);
    expect(making(20)).toEqual([...kinds]);
  });
});

describe("neighboursOf", () => {
  it("tells each ticket once with all that it shares, most in common first, then newest", () => {
    const vpn = { kind: "category", id: "vpn" } as const;
    const found = neighboursOf("tkt_9", [
      shared(1, 1, vpn),
      shared(2, 2, vpn),
      shared(3, 0),
      shared(3, 0, vpn),
      shared(9, 4),
    ]);
    expect(found.map((one) => [one.ticketId, one.shared.length])).toEqual([
      ["tkt_3", 2],
      ["tkt_2", 1],
      ["tkt_1", 1],
    ]);
  });
  it("tells ten at most", () => {
    expect(
      neighboursOf(
        "x",
        Array.from({ length: 40 }, (_, number) => shared(number, number)),
      ),
    ).toHaveLength(10);
  });
});

describe("sitesIn", () => {
  it.each([
    ["The Wi-Fi in the Harbour Office drops", ["harbour office"]],
    ["We are in Building 4, floor 2b", ["building 4", "floor 2b"]],
    ["HARBOUR  office and Site C", ["harbour office", "site c"]],
    ["the harbour is nice", []],
    ["harbour officers met on site at noon", []],
    ["", []],
  ])("%s", (text, sites) => expect(sitesIn(text, ["Harbour Office", "A"])).toEqual(sites));
  it("takes no longer for a text that is made to be slow", () => {
    const started = performance.now();
    sitesIn("building ".repeat(20_000), ["x".repeat(300)]);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe("edges", () => {
  const ticket = { tenant: "t", ticketId: "tkt_1", reference: "OD-1", aggregateVersion: 2, at: at(0) };
  it("names what a ticket is about, and none of its words", () => {
    expect(
      edgesOf(ticket, { categoryId: "printing", text: "PRN-1107 in building 4 is broken, again PRN-1107" }, []).map(
        ({ kind, target }) => [kind, target],
      ),
    ).toEqual([
      ["site", "building 4"],
      ["asset", "PRN-1107"],
      ["category", "printing"],
    ]);
  });
  it("keeps of several of one ticket the newest category, and the first time of each", () => {
    const edge = { ...ticket, kind: "site" as const, target: "s" };
    expect(
      edgesMerged([
        { ...edge, at: at(5), aggregateVersion: 3 },
        { ...edge, at: at(1), aggregateVersion: 1 },
        { ...edge, kind: "category", target: "new", aggregateVersion: 4 },
        { ...edge, kind: "category", target: "old", aggregateVersion: 2 },
      ]).map(({ aggregateVersion, at: time, kind, target }) => [kind, target, aggregateVersion, time]),
    ).toEqual([
      ["site", "s", 3, at(1)],
      ["category", "new", 4, at(0)],
    ]);
  });
});

describe("a breaker", () => {
  it("leaves a store alone for longer with every failure in a row, up to half a minute", () => {
    let breaker = CLOSED;
    const pauses = Array.from({ length: 7 }, () => {
      breaker = failed(breaker, 0);
      return breaker.openUntil;
    });
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect([mayAsk(CLOSED, 0), mayAsk(breaker, 29_999), mayAsk(breaker, 30_000)]).toEqual([true, false, true]);
  });
});
