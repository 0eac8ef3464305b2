import Type from "typebox";
import { Settings } from "typebox/system";
import { closed, Time } from "./common.ts";
import { validExamples } from "./testing/examples.ts";
import { checkConsumed, checker, checkProduced } from "./reader.ts";

const command = (command: unknown) =>
  checkProduced("ticket.command_submitted", { ticketId: "t", actor: { kind: "person", id: "priya" }, command });

describe("checker", () => {
  it("answers with at most ten problems", () => {
    const check = checker(Type.Array(Type.Integer()));
    expect(check(Array.from({ length: 500 }, () => "x"))).toHaveLength(10);
  });

  it("points at each missing and each unknown property itself", () => {
    const check = checker(closed({ a: Type.String(), "b/c": Type.String() }));
    expect(check({ z: 1 })).toEqual([
      { path: "/a", message: "is missing" },
      { path: "/b~1c", message: "is missing" },
      { path: "/z", message: "is not a known property" },
    ]);
  });

  it("leaves the library's settings as they were", () => {
    const before = Settings.Get().maxErrors;
    checker(Type.String())(1);
    expect(Settings.Get().maxErrors).toBe(before);
  });
});

describe("the problems of a union", () => {
  it("are those of the alternative that was meant", () => {
    expect(command({ type: "undo_reply" })).toEqual([{ path: "/command/messageId", message: "is missing" }]);
    expect(command({ type: "log_contact", channel: "phone", reached: 1, said: "" })).toEqual([
      { path: "/command/reached", message: "must be boolean" },
    ]);
  });

  it("are the list of tags when the tag is unknown", () => {
    expect(command({ type: "delete" })).toEqual([
      { path: "/command/type", message: expect.stringContaining("assign, set_priority") },
    ]);
  });

  it("name both properties when one of two must be there", () => {
    expect(checkProduced("desk.configured", { version: 1, contentHash: "a".repeat(64) })).toEqual([
      { path: "", message: "must have desk or blob" },
    ]);
  });

  it("stay apart for different items of one list", () => {
    const check = checker(Type.Array(Type.Union([Type.String({ maxLength: 2 }), Type.Null()])));
    expect(check(["long", null, 7]).map(({ path }) => path)).toEqual(["/0", "/2"]);
  });
});

describe("a time", () => {
  const check = checker(Time);
  it.each(["2026-11-20T14:00:00Z", "2024-02-29T23:59:59.123456789+05:30", "2000-02-29T00:00:00-03:00"])(
    "may be %s",
    (time) => {
      expect(check(time)).toEqual([]);
    },
  );
  it.each([
    "2026-02-29T00:00:00Z",
    "2100-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-11-20T24:00:00Z",
    "2026-11-20T14:60:00Z",
    "0000-01-01T00:00:00Z",
    "2026-11-20T14:00:00",
    "2026-11-20T14:00:00+16:00",
    "2026-11-20T14:00:00Z\n",
  ])("may not be %j", (time) => {
    expect(check(time)).toEqual([{ path: "", message: "must be RFC 3339" }]);
  });
});

describe("an unknown event type", () => {
  it("is a problem and not an exception", () => {
    expect(checkProduced("no.such", {})).toHaveLength(1);
    expect(checkConsumed("__proto__", {})).toHaveLength(1);
  });
});

describe("a check", () => {
  it("is cheap enough to run on every event", () => {
    const [example] = validExamples("ai.draft.review_required");
    const data = example?.event.data;
    const rounds = 2_000;
    for (let i = 0; i < rounds; i += 1) checkConsumed("ai.draft.review_required", data);
    const started = performance.now();
    for (let i = 0; i < rounds; i += 1) checkConsumed("ai.draft.review_required", data);
    // Measured at about 5 µs; the bound leaves room for a busy machine and none for a check that is not compiled.
    expect((performance.now() - started) / rounds).toBeLessThan(0.1);
  });
});
