import { TransientError } from "@opsdesk/errors";
import type { ContextRetrieved } from "@opsdesk/schemas/context-retrieved";
import { checkProduced } from "@opsdesk/schemas";
import { type Given, type Harness, startHarness } from "@opsdesk/service/testing";
import type { GraphSearch, SharedNeighbour } from "./clients/graph.ts";
import type { LexicalHit } from "./clients/lexical.ts";
import { aSource, aTriaged, NOW } from "./testing/fixtures.ts";
import { configured } from "./testing/knowledge.ts";
import { retrievalOn } from "./wiring.ts";

/** Two stores that answer what a test puts there, fail, or never answer. */
const stores = {
  mode: "up" as "up" | "down" | "hanging",
  asked: 0,
  hits: [] as readonly LexicalHit[],
  past: [] as readonly SharedNeighbour[],
};
async function answer<T>(value: T): Promise<T> {
  stores.asked += 1;
  if (stores.mode === "down") throw new TransientError("store_unavailable", "refused");
  if (stores.mode === "hanging") await new Promise(() => undefined);
  return value;
}
const close = () => Promise.resolve();
const graph: GraphSearch = { store: "neo4j", neighbours: (queries) => answer(queries.map(() => stores.past)) };
const place = { write: () => Promise.resolve(), activate: () => Promise.resolve() };
const filled = { live: () => Promise.resolve(place), create: () => Promise.resolve(place), close };

const start = () =>
  startHarness(
    retrievalOn(() => ({
      lexical: {
        search: { store: "opensearch", find: (queries) => answer(queries.map(() => stores.hits)), close },
        index: filled,
      },
      graph: { search: { ...graph, close }, store: filled },
    })),
    { now: NOW, environment: { SEARCH_TIMEOUT_MS: "50", STORM_SITE_TICKETS_MIN: "3" } },
  );

let desk: Harness;
beforeEach(async () => {
  Object.assign(stores, { mode: "up", asked: 0, hits: [], past: [] });
  desk = await start();
  // Before anybody asks, each is asked once: what takes longer the first time does not meet a customer.
  expect(stores.asked).toBe(2);
  stores.asked = 0;
  await desk.given(configured("it-helpdesk"), {
    type: "knowledge.source_submitted",
    data: aSource(),
    key: "wifi-playbook",
  });
}, 60_000);
afterEach(() => desk.stop());

const triaged = (ticketId: string, text = "The Wi-Fi drops every day at the same time in building 4"): Given => ({
  type: "ticket.triaged",
  data: aTriaged({ ticketId, reference: ticketId, searchText: text }),
});
const answerFor = async (ticketId: string): Promise<ContextRetrieved> => {
  const found = (await desk.published<ContextRetrieved>("context.retrieved")).find(
    ({ data }) => data.ticketId === ticketId,
  );
  expect(checkProduced("context.retrieved", found?.data)).toEqual([]);
  return found!.data;
};

it("asks the stores that are meant for a leg, and says so", async () => {
  await desk.given(triaged("tkt_up"));
  const { degraded, stores: told } = await answerFor("tkt_up");
  expect(degraded).toBeUndefined();
  expect(told).toEqual([
    { leg: "dense", store: "postgres" },
    { leg: "lexical", store: "opensearch" },
    { leg: "identifier", store: "postgres" },
    { leg: "graph", store: "neo4j" },
  ]);
});

it.each([
  ["down", "unavailable"],
  ["hanging", "timeout"],
] as const)("answers from Postgres while they are %s, and says why", async (mode, reason) => {
  stores.mode = mode;
  await desk.given(triaged("tkt_before"));
  await desk.given(triaged("tkt_out"));
  const { degraded, evidence, neighbours, outcome, stores: told } = await answerFor("tkt_before");
  expect(outcome).toBe("found");
  expect(evidence[0]?.legs).toContain("lexical");
  expect(told?.map(({ store }) => store)).toEqual(["postgres", "postgres", "postgres", "postgres"]);
  expect(degraded).toEqual([
    { leg: "lexical", store: "opensearch", reason },
    { leg: "graph", store: "neo4j", reason },
  ]);
  expect(neighbours).toBeUndefined();
  // The second does not wait: nobody asks again so soon.
  const second = await answerFor("tkt_out");
  expect(second.degraded?.map((one) => one.reason)).toEqual(["breaker_open", "breaker_open"]);
  expect(second.neighbours?.map(({ ticketId }) => ticketId)).toEqual(["tkt_before"]);
  expect(stores.asked).toBe(2);
});

it("asks again once they are back", async () => {
  stores.mode = "down";
  await desk.given(triaged("tkt_first"));
  stores.mode = "up";
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await desk.given(triaged("tkt_back"));
  expect((await answerFor("tkt_back")).degraded).toBeUndefined();
});

it("quotes no hit of an index that Postgres no longer stands for", async () => {
  stores.hits = ["chk_unknown", "chk_of_another_tenant"].map((chunkId) => ({
    chunkId,
    sourceId: "ghost",
    kind: "faq",
    validFrom: NOW,
    score: 9,
  }));
  await desk.given(triaged("tkt_ghost"));
  const { evidence } = await answerFor("tkt_ghost");
  expect(evidence.length).toBeGreaterThan(0);
  expect(evidence.map(({ citation }) => citation.sourceId)).not.toContain("ghost");
});

it("adds the past of the graph to what Postgres knows of now, without sources that are gone", async () => {
  stores.past = [
    {
      ticketId: "tkt_old",
      reference: "OD-1",
      at: "2026-01-01T00:00:00.000Z",
      anchor: { kind: "site", id: "building 4" },
      sourceIds: ["wifi-playbook", "ghost"],
    },
  ];
  await desk.given(triaged("tkt_a"));
  await desk.given(triaged("tkt_b"));
  const { neighbours } = await answerFor("tkt_b");
  expect(neighbours?.map(({ sourceIds, ticketId }) => [ticketId, sourceIds])).toEqual([
    ["tkt_a", ["wifi-playbook"]],
    ["tkt_old", ["wifi-playbook"]],
  ]);
});

it("makes many tickets at one site within a while a risk", async () => {
  for (const number of [1, 2, 3]) await desk.given(triaged(`tkt_${number}`));
  expect(await answerFor("tkt_2")).not.toHaveProperty("incident");
  const { incident, risks } = await answerFor("tkt_3");
  expect(incident).toEqual({ kind: "site", id: "building 4", tickets: 3, windowMinutes: 40 });
  expect(risks).toEqual([{ id: "incident_storm", detail: "3 tickets about site building 4 within 40 minutes." }]);
  desk.setNow("2026-11-20T10:00:00.000Z");
  await desk.given(triaged("tkt_later"));
  expect(await answerFor("tkt_later")).not.toHaveProperty("incident");
});
