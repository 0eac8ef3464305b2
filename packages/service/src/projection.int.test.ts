import { TransientError } from "@opsdesk/errors";
import { sha256Hex } from "@opsdesk/identity";
import type { Projection } from "@opsdesk/messaging";
import type { RecordBatch } from "@opsdesk/messaging/bus";
import { aMessage, counter } from "../fixture/counter.ts";
import { service } from "./definition.ts";
import { type Harness, startHarness } from "./testing.ts";

const INSTALL_KEY = `odk_${"operator-".repeat(5)}`;

/** A store of documents by event id that can be down, and refuses one text for good. */
class Store {
  documents = new Map<string, string>();
  calls = 0;
  down = false;
  mended = false;

  write = (into: Map<string, string>) => async (events: readonly { id: string; data: unknown }[]) => {
    this.calls += 1;
    if (this.down) throw new TransientError("store_unavailable", "the store is down");
    for (const { id, data } of events) {
      const text = JSON.stringify(data);
      if (!this.mended && text.includes("refused by the store")) throw new Error("cannot be kept");
      into.set(id, text);
    }
  };

  readonly projection: Projection = {
    types: ["ticket.message_added"],
    project: (events) => this.write(this.documents)(events),
    rebuild: () => {
      const fresh = new Map<string, string>();
      return Promise.resolve({
        project: this.write(fresh),
        activate: () => {
          this.documents = fresh;
          return Promise.resolve();
        },
      });
    },
  };
}

const store = new Store();
let desk: Harness;
let lastBatch: RecordBatch | undefined;
/** As after a start without the last offset. */
let offerAgain = (): Promise<void> => Promise.resolve();
beforeAll(async () => {
  const base = counter({});
  desk = await startHarness(
    service({
      ...base,
      wire: () => ({ handlers: {}, projections: { documents: store.projection } }),
    }),
    {
      environment: { INSTALL_KEY_SHA256: sha256Hex(INSTALL_KEY) },
      between: (bus) => ({
        ...bus,
        subscribe: (options) =>
          bus.subscribe({
            ...options,
            onBatch: (batch) => {
              lastBatch = batch;
              offerAgain = () => options.onBatch(batch);
              return options.onBatch(batch);
            },
          }),
      }),
    },
  );
}, 60_000);
afterAll(() => desk.stop());

const parkedOf = async (code: string): Promise<number> => {
  let count = 0;
  for await (const { value } of desk.bus.read({ topic: "dead_letter.parked.v1", from: { offset: 0 } }))
    if ((JSON.parse(value) as { data: { code: string } }).data.code === code) count += 1;
  return count;
};

describe("a projection", () => {
  it("writes every event, and parks what the store refuses without holding up the rest", async () => {
    await desk.given(
      aMessage("tkt_1", "hello"),
      aMessage("tkt_2", "refused by the store"),
      aMessage("tkt_3", "hello again"),
    );
    expect(store.documents.size).toBe(2);
    const { items } = await desk.runtime.deadLetters.list({ limit: 10 });
    expect(items.map((item) => [item.code, item.consumer])).toEqual([["not_projectable", "console.documents"]]);
  });

  it("parks an unreadable record once, however often it is offered", async () => {
    const topic = "ticket.message_added.v1";
    await desk.bus.send([{ topic, key: "k", headers: {}, value: "{" }]);
    await desk.settle();
    expect(lastBatch?.records.map(({ value }) => value)).toEqual(["{"]);
    await offerAgain();
    await desk.settle();
    const { items } = await desk.runtime.deadLetters.list({ limit: 10, code: "record_undecodable" });
    expect(items).toHaveLength(1);
    expect(await parkedOf("record_undecodable")).toBe(1);
  });

  it("waits while the store is down and loses nothing", async () => {
    store.down = true;
    const given = desk.given(aMessage("tkt_4", "while it was down"));
    const before = store.calls;
    const calls = async (count: number): Promise<void> => {
      while (store.calls < before + count) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await calls(1);
    const failingSince = Date.now();
    await calls(4);
    // It is not to be taken for a loop that hangs.
    expect(desk.runtime.beatAt()).toBeGreaterThan(failingSince);
    store.down = false;
    await given;
    expect([...store.documents.values()].some((text) => text.includes("while it was down"))).toBe(true);
  });

  it("is made again from the log, and switched to when it is complete", async () => {
    const before = new Map(store.documents);
    store.documents.clear();
    const report = await desk.runtime.rebuildProjection("documents");
    expect(report).toMatchObject({ events: 4, unreadable: 1, refused: 1 });
    expect(store.documents).toEqual(before);
  });

  it("takes what its store refused when that is mended, by a retry or when it is made again", async () => {
    const refused = async () =>
      (await desk.runtime.deadLetters.list({ limit: 10, status: "open", code: "not_projectable" })).items;
    const [letter] = await refused();
    expect(await desk.runtime.deadLetters.retry(letter?.id ?? "")).toMatchObject({
      status: "rejected",
      code: "not_projectable",
    });
    expect(await refused()).toHaveLength(1);

    store.mended = true;
    expect(await desk.runtime.deadLetters.retry(letter?.id ?? "")).toEqual({ status: "done" });
    expect(await refused()).toEqual([]);
    expect(store.documents.size).toBe(4);

    store.mended = false;
    await desk.given(aMessage("tkt_5", "refused by the store as well"));
    await desk.runtime.rebuildProjection("documents");
    expect(await refused()).toHaveLength(1);
    store.mended = true;
    await desk.runtime.rebuildProjection("documents");
    expect(await refused()).toEqual([]);
    expect(store.documents.size).toBe(5);
  });

  it("shows a record that no business owns to the installation's key alone, which may close it", async () => {
    const ask = (method: "GET" | "POST", path: string, key = INSTALL_KEY, payload?: object) =>
      desk.app.inject({
        method,
        url: `/ops/console/dead-letters${path}`,
        headers: { authorization: `Bearer ${key}` },
        ...(payload === undefined ? {} : { payload }),
      });
    expect((await ask("GET", "", `odk_${"x".repeat(40)}`)).statusCode).toBe(401);
    const { items } = (await ask("GET", "?status=open")).json<{
      items: { id: string; tenant: string; code: string }[];
    }>();
    expect(items).toMatchObject([{ tenant: "unknown", code: "record_undecodable" }]);
    const path = `/${items[0]?.id ?? ""}`;
    expect((await ask("POST", `${path}/retry`)).json()).toMatchObject({
      status: "rejected",
      code: "record_undecodable",
    });
    expect((await ask("POST", `${path}/close`, INSTALL_KEY, { because: "" })).statusCode).toBe(400);
    const because = "A probe of the network sent it.";
    expect((await ask("POST", `${path}/close`, INSTALL_KEY, { because })).json()).toMatchObject({
      status: "closed",
      closedBecause: because,
    });
    expect((await ask("GET", path)).json()).toMatchObject({ status: "closed", closedBecause: because });
    expect((await ask("POST", `${path}/close`, INSTALL_KEY, { because })).json()).toMatchObject({
      status: 409,
      code: "dead_letter_closed",
    });
  });

  it("is made again on the operator's word, who sees how far it is; a business's key is not enough", async () => {
    const rebuild = (method: "GET" | "POST", key: string, projection = "documents") =>
      desk.app.inject({
        method,
        url: "/ops/console/rebuild",
        headers: { authorization: `Bearer ${key}` },
        ...(method === "POST" ? { payload: { projection } } : {}),
      });
    expect((await rebuild("POST", `odk_${"x".repeat(40)}`)).statusCode).toBe(401);
    expect((await rebuild("GET", `odk_${"x".repeat(40)}`)).statusCode).toBe(401);
    expect((await rebuild("POST", INSTALL_KEY, "charts")).json()).toMatchObject({ code: "projection_unknown" });
    store.down = true;
    expect((await rebuild("POST", INSTALL_KEY)).statusCode).toBe(202);
    expect((await rebuild("POST", INSTALL_KEY)).json()).toMatchObject({ status: 409, code: "already_rebuilding" });
    store.down = false;
    const told = async () => (await rebuild("GET", INSTALL_KEY)).json<{ items: { state: string }[] }>();
    while ((await told()).items[0]?.state === "running") await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await told()).toMatchObject({
      projections: ["documents"],
      items: [{ projection: "documents", state: "done", events: 5, unreadable: 1, refused: 0, code: null }],
    });
  });

  it("says which projections there are when it is asked for another", () => {
    expect(() => desk.runtime.rebuildProjection("charts")).toThrow("console has no projection charts");
  });
});
