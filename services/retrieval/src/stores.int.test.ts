import { type Harness, startHarness } from "@opsdesk/service/testing";
import { sql } from "@opsdesk/database";
import type { GraphSource, GraphTicket } from "./clients/graph.ts";
import { type Edge, edgesMerged } from "./decide/ticket-edges.ts";
import { postgresLexical } from "./lexical-leg.ts";
import { postgresGraph } from "./neighbourhood.ts";
import { edgesKept } from "./store/graph.ts";
import { graphContract } from "./testing/graph.contract.ts";
import { configured, knowledgeOf } from "./testing/knowledge.ts";
import { searchContract } from "./testing/search.contract.ts";
import { NOW } from "./testing/fixtures.ts";
import { retrievalService } from "./wiring.ts";

let desk: Harness;
beforeAll(async () => {
  desk = await startHarness(retrievalService, { now: NOW });
  await desk.given(configured("pg-a"), configured("pg-b"));
}, 60_000);
afterAll(() => desk.stop());

const edgesOf = ({ tenant, ticketId, reference, aggregateVersion, anchors, sourceIds }: GraphTicket): Edge[] => {
  const own = { tenant, ticketId, reference, aggregateVersion };
  return [
    ...anchors.map(({ at, id, kind }) => ({ ...own, at, kind, target: id })),
    ...sourceIds.map((target) => ({ ...own, at: NOW, kind: "source" as const, target })),
  ];
};

const writeSource = ({ retired, revision, sourceId, tenant }: GraphSource) =>
  desk.query(sql`
    insert into retrieval.knowledge_sources (tenant, source_id, latest_version, revision, submitted_at, retired_at)
    values (${tenant}, ${sourceId}, 1, ${revision}, ${NOW}, case when ${retired} then ${NOW}::timestamptz end)
    on conflict (tenant, source_id) do update set revision = excluded.revision, retired_at = excluded.retired_at
    where knowledge_sources.revision < excluded.revision`);

describe("search by words in Postgres", () => {
  searchContract(() => Promise.resolve({ search: postgresLexical(desk.read), ...knowledgeOf(desk) }), "pg");
});

describe("the graph in Postgres", () => {
  graphContract(
    () =>
      Promise.resolve({
        search: postgresGraph(desk.read),
        write: async (tickets, sources) => {
          for (const statement of edgesKept(edgesMerged(tickets.flatMap(edgesOf)))) await desk.query(statement);
          for (const source of sources) await writeSource(source);
        },
      }),
    "pg",
  );
});

describe("a ticket's category in Postgres", () => {
  const [first, second, third] = ["09:00", "09:10", "09:20"].map((at) => `2026-11-20T${at}:00.000Z`);
  const step = (ticketId: string, target: string, aggregateVersion: number, at: string | undefined): Edge => ({
    tenant: "pg-a",
    ticketId,
    reference: ticketId,
    kind: "category",
    target,
    at: at ?? "",
    aggregateVersion,
  });
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];

  it.each(orders)(
    "is that of its newest version, with its time: in the order %i, %i, %i, and at once",
    async (...order) => {
      for (const batches of [order.map((n) => [n]), [order]]) {
        const ticketId = `tkt_${order.join("")}_${batches.length}`;
        const steps = [
          step(ticketId, "printer", 1, first),
          step(ticketId, "vpn", 2, second),
          step(ticketId, "printer", 3, third),
        ];
        for (const batch of batches)
          for (const statement of edgesKept(edgesMerged(batch.flatMap((n) => steps[n] ?? []))))
            await desk.query(statement);
        expect(
          await desk.query(sql`select target, at, aggregate_version as version from retrieval.graph_edges
          where tenant = 'pg-a' and ticket_id = ${ticketId} and kind = 'category'`),
        ).toEqual([{ target: "printer", at: new Date(third ?? ""), version: 3 }]);
      }
    },
  );
});
