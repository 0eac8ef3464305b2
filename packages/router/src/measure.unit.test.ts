import { deskExamples, STRANGERS } from "./desk.fixture.ts";
import { areaUnderRoc, measureRouter } from "./measure.ts";
import { trainRouter } from "./train.ts";

const { train, test } = deskExamples();
const model = trainRouter(train, { seed: 1 });

describe("areaUnderRoc", () => {
  it.each([
    [[3, 4], [1, 2], 1],
    [[1, 2], [3, 4], 0],
    [[1, 1], [1, 1], 0.5],
    [[1, 3], [2, 4], 0.25],
    [[2, 2], [1, 2], 0.75],
  ])("of %j over %j is %d", (higher, lower, area) => {
    expect(areaUnderRoc(higher, lower)).toBe(area);
  });
});

describe("measureRouter", () => {
  it("counts a label that the model does not know as wrong", () => {
    const unknown = test.map(({ text }) => ({ text, label: "catering" }));
    expect(measureRouter(model, unknown)).toMatchObject({ n: test.length, accuracy: 0, macroF1: 0 });
  });

  it("gives recall a label, and leaves out what was not measured", () => {
    const measured = measureRouter(model, train);
    expect(measured).toMatchObject({ accuracy: 1, macroF1: 1, oosAuroc: null, oosCaught: null });
    expect(measured.perLabel).toContainEqual({ label: "vpn", n: 7, precision: 1, recall: 1, f1: 1 });
    expect(measured.microsecondsPerText).toBeGreaterThan(0);
  });

  it("calls a router that is certain and wrong badly calibrated", () => {
    const wrong = train.map(({ text }) => ({ text, label: "catering" }));
    expect(measureRouter({ ...model, temperature: 0.001 }, wrong).ece).toBeGreaterThan(0.95);
    expect(measureRouter({ ...model, temperature: 0.001 }, train).ece).toBeLessThan(0.05);
  });

  it("says what share of strangers was caught", () => {
    const { oosCaught } = measureRouter({ ...model, scopeThreshold: 1_000 }, test, STRANGERS);
    expect(oosCaught).toBe(1);
    expect(measureRouter({ ...model, scopeThreshold: -1_000 }, test, STRANGERS).oosCaught).toBe(0);
  });

  it("measures nothing without dividing by nothing", () => {
    expect(measureRouter(model, [])).toMatchObject({ n: 0, accuracy: 0, ece: 0, microsecondsPerText: 0 });
  });
});
