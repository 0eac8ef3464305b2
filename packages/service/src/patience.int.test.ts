import type { SubscribeOptions } from "@opsdesk/messaging/bus";
import { counter } from "../fixture/counter.ts";
import { type ServiceDefinition, service } from "./definition.ts";
import { startHarness } from "./testing.ts";

/** What a service of these parts asks of the bus, by group. */
async function patienceOf(definition: ServiceDefinition): Promise<Readonly<Record<string, number | undefined>>> {
  const subscribed: SubscribeOptions[] = [];
  const desk = await startHarness(definition, {
    between: (bus) => ({
      ...bus,
      subscribe(options) {
        subscribed.push(options);
        return bus.subscribe(options);
      },
    }),
  });
  await desk.stop();
  return Object.fromEntries(subscribed.map(({ group, patienceMs }) => [group, patienceMs]));
}

const projections = {
  documents: {
    types: ["ticket.message_added"] as const,
    project: () => Promise.resolve(),
    rebuild: () => Promise.reject(new Error("not here")),
  },
};

describe("how long events may wait for others", () => {
  it("is not at all for a handler, unless its service says so, and a second for a copy", async () => {
    const hurried = counter({});
    expect(await patienceOf(hurried)).toEqual({ "opsdesk.console": undefined });
    const patient = service({
      ...hurried,
      patienceMs: 70,
      wire: (config, ports) => ({ ...hurried.wire(config, ports), projections }),
    });
    expect(await patienceOf(patient)).toEqual({ "opsdesk.console": 70, "opsdesk.console.documents": 1_000 });
  }, 60_000);
});
