import type { Database } from "@opsdesk/database";
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
