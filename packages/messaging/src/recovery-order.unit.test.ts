import { type LostInput, recoveryOrder } from "./recovery-order.ts";

const input = (eventId: string, topic: string, timestamp: number, more: Partial<LostInput> = {}): LostInput => ({
  eventId,
  consumer: `ingest.on-${topic}`,
  topic,
  partition: 0,
  offset: timestamp,
  timestamp,
  subject: "tkt_1",
  ...more,
});
const idsOf = (steps: ReturnType<typeof recoveryOrder<LostInput>>): readonly string[] =>
  steps.flatMap(({ inputs }) => inputs.map((one) => one.input.eventId));
const none = () => undefined;

describe("the order of a recovery", () => {
  it("is that of the log's clock across topics", () => {
    const steps = recoveryOrder(
      [input("b", "reviewed", 20), input("a", "proposed", 10), input("c", "proposed", 30)],
      none,
    );
    expect(idsOf(steps)).toEqual(["a", "b", "c"]);
  });

  it("follows what was decided first, not what arrived first, and gives each decision its own clock", () => {
    const decided = new Map([
      ["late", { now: "1970-01-01T00:00:00.015Z", subject: "tkt_1" }],
      ["early", { now: "1970-01-01T00:00:00.040Z", subject: "tkt_1" }],
    ]);
    const steps = recoveryOrder([input("early", "reviewed", 5), input("late", "commands", 12)], (id) =>
      decided.get(id),
    );
    expect(idsOf(steps)).toEqual(["late", "early"]);
    expect(steps.map(({ inputs }) => inputs[0]?.now)).toEqual(["1970-01-01T00:00:00.015Z", "1970-01-01T00:00:00.040Z"]);
  });

  it("never changes the order within a partition", () => {
    const decided = (id: string) =>
      id === "first" ? { now: "1970-01-01T00:00:00.090Z", subject: undefined } : undefined;
    expect(idsOf(recoveryOrder([input("second", "proposed", 20), input("first", "proposed", 10)], decided))).toEqual([
      "first",
      "second",
    ]);
  });

  it("waits for a ticket's jobs before the next input about it, and for all before what is about no ticket", () => {
    const steps = recoveryOrder(
      [
        input("a1", "proposed", 1),
        input("b1", "proposed", 2, { subject: "tkt_2" }),
        input("a2", "proposed", 3),
        input("desk", "admin", 4, { subject: undefined }),
        input("b2", "proposed", 5, { subject: "tkt_2" }),
      ],
      none,
    );
    expect(steps.map(({ afterJobs, inputs }) => [afterJobs, inputs.map((one) => one.input.eventId)])).toEqual([
      [true, ["a1", "b1"]],
      [true, ["a2"]],
      [true, ["desk"]],
      [true, ["b2"]],
    ]);
  });
});
