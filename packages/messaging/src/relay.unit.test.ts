import type { Database, Sql } from "@opsdesk/database";
import type { Bus } from "./bus.ts";
import { silentObserver } from "./observer.ts";
import { Publisher } from "./publisher.ts";
import { relayOnce } from "./relay.ts";

const row = { seq: 1, topic: "t", key: "k", headers: {}, value: "{}" };

it("goes on at once while it alone publishes, and leaves the rest to memory when nothing came meanwhile", async () => {
  let meanwhile: (() => Promise<unknown>) | undefined;
  const bus = { send: async () => void (await meanwhile?.()) } as unknown as Bus;
  const publisher = new Publisher(bus, silentObserver);
  const database = { query: () => Promise.resolve([row]) } as unknown as Database;
  const relay = () => relayOnce({ schema: "s", database, bus, publisher }, 3);

  // Refused while older ones are on their way: it is in the outbox.
  meanwhile = () => publisher.publish([row], [2]);
  expect(await relay()).toBe(true);
  expect(publisher.holding()).toBe(true);
  meanwhile = undefined;
  expect(await relay()).toBe(false);
  expect(publisher.holding()).toBe(false);
});

it("sends nothing again that the bus has taken, when it refuses what comes behind", async () => {
  const sent: string[] = [];
  const bus = {
    send: async ([first]: readonly { topic: string }[]) => {
      if (first?.topic === "refused") throw new Error("no such topic");
      sent.push(first?.topic ?? "");
    },
  } as unknown as Bus;
  const large = { key: "k", headers: {}, value: "x".repeat(150_000) };
  let rows = [
    { ...large, seq: 1, topic: "taken" },
    { ...large, seq: 2, topic: "refused" },
  ];
  const database = {
    query: (statement: Sql) => {
      const { text, values } = statement.render();
      if (!text.startsWith("delete")) return Promise.resolve(rows);
      rows = rows.filter(({ seq }) => !(values[0] as readonly number[]).includes(seq));
      return Promise.resolve([]);
    },
  } as unknown as Database;
  const relay = () => relayOnce({ schema: "s", database, bus, publisher: new Publisher(bus, silentObserver) }, 3);
  await expect(relay()).rejects.toThrow("no such topic");
  await expect(relay()).rejects.toThrow("no such topic");
  expect(sent).toEqual(["taken"]);
  expect(rows.map(({ seq }) => seq)).toEqual([2]);
});
