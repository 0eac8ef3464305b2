import fc from "fast-check";
import type { GraphSearch, GraphSource, GraphTicket, NeighbourQuery } from "../clients/graph.ts";

export interface GraphUnderTest {
  readonly search: GraphSearch;
  /** Tickets and sources as they become known, in any order and again and again. */
  write(tickets: readonly GraphTicket[], sources: readonly GraphSource[]): Promise<void>;
}

const byText = (a: readonly string[], b: readonly string[]): number => a.join().localeCompare(b.join());
const minute = (number: number): string => new Date(Date.parse("2026-11-20T09:00:00Z") + number * 60_000).toISOString();

/** Whatever store answers, it answers this. `prefix` parts the tenants of suites that share a server. */
export function graphContract(start: () => Promise<GraphUnderTest>, prefix: string): void {
  let tested: GraphUnderTest;
  beforeAll(async () => {
    tested = await start();
  }, 180_000);

  const ticket = (
    tenant: string,
    number: number,
    anchors: NeighbourQuery["anchors"],
    { at = minute(number), ...rest }: Partial<GraphTicket> & { readonly at?: string } = {},
  ): GraphTicket => ({
    tenant: `${prefix}-${tenant}`,
    ticketId: `tkt_${number}`,
    reference: `OD-${number}`,
    aggregateVersion: 1,
    anchors: anchors.map((anchor) => ({ ...anchor, at })),
    sourceIds: [],
    ...rest,
  });
  const source = (tenant: string, sourceId: string, revision = 1, retired = false): GraphSource => ({
    tenant: `${prefix}-${tenant}`,
    sourceId,
    revision,
    retired,
  });
  const ask = async (
    tenant: string,
    anchors: NeighbourQuery["anchors"],
    rest: Partial<NeighbourQuery> = {},
    limit = 10,
  ) =>
    (
      await tested.search.neighbours(
        [{ tenant: `${prefix}-${tenant}`, ticketId: "tkt_asking", anchors, at: minute(1_000), ...rest }],
        limit,
      )
    )[0] ?? [];
  const harbour = { kind: "site", id: "harbour" } as const;
  const printer = { kind: "asset", id: "PRN-1107" } as const;
  const network = { kind: "category", id: "network" } as const;

  it("answers with the newest tickets of each anchor, once for each", async () => {
    await tested.write(
      [ticket("near", 1, [harbour, printer]), ticket("near", 2, [harbour]), ticket("near", 3, [network])],
      [],
    );
    const found = await ask("near", [harbour, printer]);
    expect(
      found
        .map(({ anchor, at, reference, ticketId }) => [anchor.kind, anchor.id, ticketId, reference, at])
        .toSorted(byText),
    ).toEqual([
      ["asset", "PRN-1107", "tkt_1", "OD-1", minute(1)],
      ["site", "harbour", "tkt_1", "OD-1", minute(1)],
      ["site", "harbour", "tkt_2", "OD-2", minute(2)],
    ]);
    expect((await ask("near", [harbour], {}, 1)).map(({ ticketId }) => ticketId)).toEqual(["tkt_2"]);
    expect(await ask("near", [{ kind: "site", id: "elsewhere" }])).toEqual([]);
    expect(await ask("near", [])).toEqual([]);
  });

  it("does not take a kind of thing for another of the same name", async () => {
    await tested.write([ticket("kinds", 1, [{ kind: "category", id: "harbour" }])], []);
    expect(await ask("kinds", [harbour])).toEqual([]);
  });

  it("leaves out the ticket itself and what came after it", async () => {
    await tested.write([ticket("past", 1, [harbour]), ticket("past", 5, [harbour]), ticket("past", 9, [harbour])], []);
    const found = await ask("past", [harbour], { ticketId: "tkt_5", at: minute(5) });
    expect(found.map(({ ticketId }) => ticketId)).toEqual(["tkt_1"]);
  });

  it("never crosses from a tenant to another", async () => {
    await tested.write([ticket("one", 1, [harbour]), ticket("two", 2, [harbour])], []);
    expect((await ask("one", [harbour])).map(({ ticketId }) => ticketId)).toEqual(["tkt_1"]);
    expect((await ask("two", [harbour])).map(({ ticketId }) => ticketId)).toEqual(["tkt_2"]);
    expect(await ask("one~eval", [harbour])).toEqual([]);
  });

  it("answers each query of a batch in its place", async () => {
    await tested.write([ticket("many", 1, [harbour]), ticket("many", 2, [printer])], []);
    const asked = { tenant: `${prefix}-many`, ticketId: "tkt_asking", at: minute(100) };
    const answers = await tested.search.neighbours(
      [
        { ...asked, anchors: [printer] },
        { ...asked, anchors: [] },
        { ...asked, anchors: [harbour] },
      ],
      10,
    );
    expect(answers.map((found) => found.map(({ ticketId }) => ticketId))).toEqual([["tkt_2"], [], ["tkt_1"]]);
  });

  it("tells which sources a ticket was given, but for those that are retired", async () => {
    await tested.write(
      [ticket("given", 1, [harbour], { sourceIds: ["kept", "gone"] })],
      [source("given", "kept"), source("given", "gone")],
    );
    expect((await ask("given", [harbour]))[0]?.sourceIds.toSorted()).toEqual(["gone", "kept"]);
    await tested.write([], [source("given", "gone", 2, true)]);
    expect((await ask("given", [harbour]))[0]?.sourceIds).toEqual(["kept"]);
    await tested.write([], [source("given", "gone", 1, false)]);
    expect((await ask("given", [harbour]))[0]?.sourceIds).toEqual(["kept"]);
  });

  it("ends in the same graph whatever order its facts came in, and however often", async () => {
    const facts = (tenant: string): readonly GraphTicket[] => [
      ticket(tenant, 1, [harbour, network], { at: minute(1), aggregateVersion: 1 }),
      ticket(tenant, 1, [printer, { kind: "category", id: "hardware" }], { at: minute(7), aggregateVersion: 2 }),
      ticket(tenant, 1, [{ kind: "category", id: "hardware" }], { at: minute(9), aggregateVersion: 3 }),
      ticket(tenant, 2, [harbour, network], { at: minute(2), sourceIds: ["wifi"] }),
      ticket(tenant, 3, [harbour, printer], { at: minute(3) }),
    ];
    let run = 0;
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 0, 1, 2, 3, 4], { minLength: 10, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(order, async (places) => {
        const tenant = `order-${(run += 1)}`;
        const all = facts(tenant);
        await tested.write([], [source(tenant, "wifi")]);
        for (const place of places) {
          const fact = all[place];
          if (fact !== undefined) await tested.write([fact], []);
        }
        const found = await ask(tenant, [harbour, printer, network, { kind: "category", id: "hardware" }]);
        expect(found.map(({ anchor, at, ticketId }) => [anchor.id, ticketId, at]).toSorted(byText)).toEqual(
          [
            ["PRN-1107", "tkt_1", minute(7)],
            ["PRN-1107", "tkt_3", minute(3)],
            // As the newest version says it.
            ["hardware", "tkt_1", minute(9)],
            ["harbour", "tkt_1", minute(1)],
            ["harbour", "tkt_2", minute(2)],
            ["harbour", "tkt_3", minute(3)],
            ["network", "tkt_2", minute(2)],
          ].toSorted(byText),
        );
      }),
      { numRuns: 12, seed: 20_261_120 },
    );
  }, 120_000);
}
