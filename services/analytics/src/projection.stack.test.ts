import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { RejectedError, TransientError } from "@opsdesk/errors";
import { validExamples } from "@opsdesk/schemas/examples";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { openSearchStore } from "./clients/opensearch.ts";
import { collections } from "./decide/collections.ts";
import { deleteExpired } from "./handlers/delete-expired.ts";
import { placesOf } from "./handlers/places.ts";
import { reconciliation } from "./reconcile.ts";
import { testIndex } from "./testing/desk-index.ts";
import { deskStream, seeded, shuffled } from "./testing/desk-stream.ts";

const DAY_MS = 86_400_000;
const now = Date.now();
const { events, truth } = deskStream({ seed: 3, tickets: 60, now });
const shown = events.filter((event) => !event.tenantid.endsWith("~eval"));

type Index = ReturnType<typeof testIndex>;
async function documents({ store, prefix }: Index, name: string): Promise<Map<string, unknown>> {
  await store.refresh(`${prefix}-*`);
  const { hits } = await store.search(`${prefix}-${name}`, { size: 10_000 });
  return new Map(
    hits.hits
      .map((hit) => [hit._id, { ...hit._source, fold: undefined, indexedAt: undefined }] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}
const everything = async (index: Index): Promise<unknown> =>
  Object.fromEntries(
    await Promise.all(
      ["events", ...collections.map(({ name }) => name)].map(async (name) => [name, await documents(index, name)]),
    ),
  );

const open: Index[] = [];
const anIndex = (options?: Parameters<typeof testIndex>[0]): Index => {
  const index = testIndex(options);
  open.push(index);
  return index;
};
afterAll(async () => {
  for (const index of open) await index.drop();
});

describe("the projection", () => {
  const plain = anIndex();
  beforeAll(() => plain.projection.project(events), 60_000);

  it("indexes every event once, and no rehearsal", async () => {
    const indexed = await documents(plain, "events");
    expect([...indexed.keys()].toSorted()).toEqual(shown.map((event) => event.id).toSorted());
    expect((await documents(plain, "tickets")).size).toBe(truth.length);
    expect((await documents(plain, "drafts")).size).toBe(truth.length);
    expect((await documents(plain, "runs")).size).toBe(truth.length * 3);
  });

  it("comes to the same documents in any order, batch size and number of repetitions, with writers side by side", async () => {
    const expected = await everything(plain);
    for (const seed of [1, 2, 3]) {
      const random = seeded(seed);
      const index = anIndex();
      const again = shuffled([...events, ...events.filter(() => random() < 0.4)], random);
      const batches = Array.from({ length: Math.ceil(again.length / 60) }, (_, at) =>
        again.slice(at * 60, at * 60 + 60),
      );
      const writers = [0, 1, 2].map(async (writer) => {
        for (const batch of batches.filter((_, at) => at % 3 === writer)) await index.projection.project(batch);
      });
      await Promise.all(writers);
      expect(await everything(index)).toEqual(expected);
    }
  }, 120_000);

  it("writes nothing when everything is there already", async () => {
    const { store, prefix, projection } = plain;
    const [index = ""] = await store.indices(`${prefix}-tickets-v*`);
    const [id = ""] = (await documents(plain, "tickets")).keys();
    const [before] = await store.read([{ index, id }]);
    await projection.project(shuffled(events, seeded(9)));
    const [after] = await store.read([{ index, id }]);
    expect(after).toEqual(before);
  }, 60_000);

  it("has no words, names or addresses of people unless it is asked to", async () => {
    const examples = validExamples()
      .map(({ event }) => event)
      .filter((event) => !event.tenantid.endsWith("~eval"));
    const recent = examples.map((event) => ({ ...event, time: new Date(now - 1_000).toISOString() }));
    const wanted = recent.filter((event) => (plain.projection.types as readonly string[]).includes(event.type));
    const [without, withRaw] = [anIndex(), anIndex({ rawText: true })];
    await without.projection.project(wanted);
    await withRaw.projection.project(wanted);
    const texts = async ({ store, prefix }: Index): Promise<string> => {
      await store.refresh(`${prefix}-*`);
      return JSON.stringify(await store.search(`${prefix}-*`, { size: 10_000 }));
    };
    const personal = /Maya|Lindqvist|northwind|Priya Nair|Hello/;
    expect(await texts(without)).not.toMatch(personal);
    expect(await texts(withRaw)).toMatch(/Maya Lindqvist[\s\S]*northwind|northwind[\s\S]*Maya Lindqvist/);
  }, 60_000);

  it("parts an event that the index refuses from those that it takes", async () => {
    const index = anIndex();
    const [triaged] = shown.filter((event) => event.type === "ticket.triaged");
    const data = triaged?.data as { runs: readonly object[] };
    // A whole number to JSON and to the contract, and more than a long can hold.
    const refused = { ...triaged, id: "too-much", data: { ...data, runs: [{ ...data.runs[0], costMicros: 1e30 }] } };
    await expect(index.projection.project([refused as Envelope])).rejects.toBeInstanceOf(RejectedError);
    await index.projection.project([triaged as Envelope]);
    expect((await documents(index, "runs")).size).toBe(1);
  });

  it("waits while the server cannot be reached", async () => {
    const store = openSearchStore("http://127.0.0.1:9");
    await expect(placesOf(store, "x").current()).rejects.toMatchObject({ code: "search_unavailable" });
    await expect(store.write([{ index: "x", id: "1", document: {} }])).rejects.toBeInstanceOf(TransientError);
    await store.close();
  });
});

describe("a rebuild", () => {
  it("fills a generation that nobody sees, and shows it whole", async () => {
    const index = anIndex();
    const { store, prefix, projection } = index;
    await projection.project(events.slice(0, 200));
    const before = await documents(index, "tickets");
    const rebuilt = await projection.rebuild();
    await rebuilt.project(events);
    expect(await documents(index, "tickets")).toEqual(before);
    // What arrives meanwhile goes to the present generation, and is read again afterwards.
    await projection.project(events.slice(200, 250));
    await rebuilt.activate();
    await rebuilt.project(events.slice(200, 250));
    await projection.project(events.slice(-20));

    const plain = anIndex();
    await plain.projection.project(events);
    expect(await everything(index)).toEqual(await everything(plain));
    const left = await store.indices(`${prefix}-*`);
    expect(left.filter((name) => !name.includes("-v1-g2"))).toEqual([]);
    expect(left).toContain(`${prefix}-tickets-v1-g2`);
  }, 90_000);

  it("begins anew where an earlier one was interrupted", async () => {
    const index = anIndex();
    await index.projection.project(events.slice(0, 20));
    const interrupted = await index.projection.rebuild();
    await interrupted.project(events.slice(0, 100));
    const second = await index.projection.rebuild();
    await second.activate();
    expect((await documents(index, "tickets")).size).toBe(0);
    expect((await index.store.indices(`${index.prefix}-tickets-*`)).length).toBe(1);
  }, 60_000);

  it("is asked for where the indices are of another schema", async () => {
    const index = anIndex();
    await index.store.createIndex(`${index.prefix}-tickets-v9`, [`${index.prefix}-tickets`]);
    await expect(index.projection.project(events.slice(0, 1))).rejects.toMatchObject({ code: "rebuild_needed" });
  });
});

describe("retention", () => {
  it("deletes days that are past, and does not bring them back", async () => {
    let time = now;
    const index = anIndex({ eventDays: 3, now: () => time });
    const { store, prefix, projection, places, clock } = index;
    const old = { ...(shown[0] as Envelope), id: "old", time: new Date(now - 5 * DAY_MS).toISOString() };
    await projection.project([old, ...shown.slice(0, 5)]);
    expect((await documents(index, "events")).has("old")).toBe(false);
    expect((await documents(index, "events")).size).toBe(5);
    expect((await documents(index, "tickets")).size).toBeGreaterThan(0);
    await store.createIndex(`${prefix}-events-v0-2020.01.01`, [`${prefix}-events`]);
    expect(await deleteExpired({ store, places, clock }, { prefix, eventDays: 3 })).toEqual([
      `${prefix}-events-v0-2020.01.01`,
    ]);
    time = now + 10 * DAY_MS;
    await deleteExpired({ store, places, clock }, { prefix, eventDays: 3 });
    expect((await store.indices(`${prefix}-events-*`)).length).toBe(0);
    expect((await documents(index, "tickets")).size).toBeGreaterThan(0);
  }, 60_000);
});

describe("the reconciliation", () => {
  it("agrees with the source, and says where it does not", async () => {
    const index = anIndex();
    await index.projection.project(shuffled(events, seeded(4)));
    const count = <T>(list: readonly T[], keyOf: (one: T) => string, tenantOf: (one: T) => string) => {
      const totals = new Map<string, { tenant: string; key: string; count: number }>();
      for (const one of list) {
        const id = `${tenantOf(one)}/${keyOf(one)}`;
        totals.set(id, { tenant: tenantOf(one), key: keyOf(one), count: (totals.get(id)?.count ?? 0) + 1 });
      }
      return [...totals.values()];
    };
    const source = {
      tickets: count(
        truth,
        (one) => one.status,
        (one) => one.tenant,
      ),
      drafts: count(
        truth,
        (one) => (one.evidence === "weak" ? "abstained" : "proposed"),
        (one) => one.tenant,
      ),
      dispositions: count(
        truth,
        (one) => one.disposition,
        (one) => one.tenant,
      ),
      categories: count(
        truth,
        (one) => one.category,
        (one) => one.tenant,
      ),
      deliveries: count(
        truth.filter((one) => one.delivery !== null),
        (one) => (one.delivery?.failed === true ? "failed" : "delivered"),
        (one) => one.tenant,
      ),
    };
    const reconciled = reconciliation({ url: index.url, prefix: index.prefix });
    expect(await reconciled.compare(source)).toEqual([]);
    const [first, ...others] = source.tickets;
    const more = { ...source, tickets: [{ ...first, count: (first?.count ?? 0) + 2 } as typeof first, ...others] };
    expect(await reconciled.compare(more as typeof source)).toEqual([
      {
        what: "tickets",
        tenant: first?.tenant,
        key: first?.key,
        source: (first?.count ?? 0) + 2,
        indexed: first?.count,
      },
    ]);
    await reconciled.close();
  }, 60_000);
});
