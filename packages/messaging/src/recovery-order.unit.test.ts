import { type LostInput, recoveryOrder } from "./recovery-order.ts";

const input = (eventId: string, topic: string, timestamp: number, more: Partial<LostInput> = {}): LostInput => ({
  eventId,
  consumer: `ingest.on-${topic}`,
  topic,
  partition: 0,
  offset: timestamp,
  key: "tkt_1",
  timestamp,
  made: { by: "/opsdesk/ingest", at: timestamp },
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

  it("is that in which one service made what was sent together, whatever the log's clock says of each topic", () => {
    const made = (at: number) => ({ made: { by: "/opsdesk/ingest", at } });
    const created = input("created", "created", 31, { ...made(10), offset: 40 });
    expect(idsOf(recoveryOrder([input("added", "added", 30, { ...made(20), offset: 3 }), created], none))).toEqual([
      "created",
      "added",
    ]);
    expect(idsOf(recoveryOrder([input("added", "added", 31, { ...made(20), offset: 3 }), created], none))).toEqual([
      "created",
      "added",
    ]);
  });

  it("lets one that had to wait hold up its own key only", () => {
    const decided = (id: string) =>
      id === "waited" ? { now: "1970-01-01T00:00:00.090Z", subject: "tkt_1" } : undefined;
    const other = { key: "tkt_2", subject: "tkt_2" };
    expect(
      idsOf(
        recoveryOrder(
          [
            input("waited", "proposed", 10),
            input("behind", "proposed", 15),
            input("other", "proposed", 20, other),
            input("about-other", "decided", 30, other),
          ],
          decided,
        ),
      ),
    ).toEqual(["other", "about-other", "waited", "behind"]);
  });

  it("never changes the order of a key within a partition", () => {
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
