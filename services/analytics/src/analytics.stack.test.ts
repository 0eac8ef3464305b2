import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { EventType } from "@opsdesk/schemas";
import { testOpenSearch } from "@opsdesk/servers/suites";
import { type Given, type Harness, startHarness } from "@opsdesk/service/testing";
import { openSearchStore } from "./clients/opensearch.ts";
import { deskStream, seeded, shuffled } from "./testing/desk-stream.ts";
import { analyticsService } from "./wiring.ts";

/** The whole service: events by topics, dead letters, a rebuild from the log. */
const { url, prefix } = testOpenSearch();
const store = openSearchStore(url);
const { events, truth } = deskStream({ seed: 7, tickets: 20, now: Date.now() });

let desk: Harness;
beforeAll(async () => {
  desk = await startHarness(analyticsService, {
    environment: { OPENSEARCH_URL: url, ANALYTICS_INDEX_PREFIX: prefix },
  });
}, 120_000);
afterAll(async () => {
  await desk.stop();
  await store.deleteIndices(await store.indices(`${prefix}-*`));
  await store.close();
}, 60_000);

const given = (event: (typeof events)[number]): Given => ({
  // The stream's types are those of the contracts.
  type: event.type as EventType,
  data: event.data,
  tenant: event.tenantid,
  id: event.id,
});
async function ticketsByStatus(): Promise<Record<string, number>> {
  await store.refresh(`${prefix}-*`);
  const { hits } = await store.search(`${prefix}-tickets`, { size: 1_000 });
  const statuses = hits.hits.map(({ _source: source }) => String(source["status"]));
  return Object.fromEntries(
    [...new Set(statuses)].toSorted().map((status) => [status, statuses.filter((one) => one === status).length]),
  );
}
const expected = Object.fromEntries(
  [...new Set(truth.map((one) => one.status))]
    .toSorted()
    .map((status) => [status, truth.filter((one) => one.status === status).length]),
);

describe("analytics", () => {
  it("has empty indices before the first event", async () => {
    expect(await ticketsByStatus()).toEqual({});
  });

  it("indexes what comes by topics, in any order between them", async () => {
    await desk.given(...shuffled(events, seeded(8)).map(given));
    expect(await ticketsByStatus()).toEqual(expected);
  }, 60_000);

  it("parks an event that the index refuses, and goes on", async () => {
    const triaged = events.find((event) => event.type === "ticket.triaged");
    const data = triaged?.data as { runs: readonly object[] };
    const refused = {
      ...data,
      ticketId: "tkt_refused",
      runs: [{ ...data.runs[0], runId: "run_big", costMicros: 1e30 }],
    };
    await desk.given({ type: "ticket.triaged", data: refused, tenant: "it-helpdesk", id: "refused" });
    const { items } = await desk.runtime.deadLetters.list({ limit: 10 });
    expect(items.map((item) => [item.code, item.consumer, item.eventId])).toEqual([
      ["not_projectable", "analytics.search", "refused"],
    ]);
  }, 60_000);

  it("is rebuilt from the log into a next generation, which then takes new events", async () => {
    const report = await desk.runtime.rebuildProjection("search");
    expect(report).toMatchObject({ refused: 1, unreadable: 0 });
    expect(await ticketsByStatus()).toEqual(expected);
    const indices = await store.indices(`${prefix}-*`);
    expect(indices.every((name) => name.includes("-v1-g2"))).toBe(true);
    const [created] = events.filter((event) => event.type === "ticket.created");
    const data = { ...(created?.data as object), ticketId: "tkt_after", reference: "OD-after" };
    await desk.given({ type: "ticket.created", data, tenant: "it-helpdesk" });
    expect(Object.values(await ticketsByStatus()).reduce((sum, n) => sum + n, 0)).toBe(truth.length + 1);
  }, 60_000);
});
