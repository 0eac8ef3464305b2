import { RejectedError } from "@opsdesk/errors";
import { serialiseRouter } from "./artefact.ts";
import { deskExamples } from "./desk.fixture.ts";
import { measureRouter } from "./measure.ts";
import { route } from "./route.ts";
import { trainingHashOf, trainRouter } from "./train.ts";

const { train, test } = deskExamples();

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
  } catch (error) {
    if (error instanceof RejectedError) return error.code;
    throw error;
  }
  return undefined;
};

describe("trainRouter", () => {
  it("gives the same bytes for the same examples and seed", () => {
    expect(serialiseRouter(trainRouter(train, { seed: 1 }))).toEqual(serialiseRouter(trainRouter(train, { seed: 1 })));
  });

  it("does not depend on the order of the examples", () => {
    const shuffled = train.toReversed();
    expect(serialiseRouter(trainRouter(shuffled, { seed: 1 }))).toEqual(
      serialiseRouter(trainRouter(train, { seed: 1 })),
    );
    expect(trainingHashOf(shuffled, 1)).toBe(trainingHashOf(train, 1));
  });

  it("has another training hash for another seed, text, or label", () => {
    const [first, ...rest] = train;
    const changed = [
      trainingHashOf(train, 2),
      trainingHashOf(rest, 1),
      trainingHashOf([{ text: `${first?.text}!`, label: first?.label ?? "" }, ...rest], 1),
      trainingHashOf([{ text: first?.text ?? "", label: "vpn" }, ...rest], 1),
      trainingHashOf(train, 1),
    ];
    expect(new Set(changed).size).toBe(changed.length);
    expect(trainRouter(train, { seed: 1 }).trainingHash).toBe(trainingHashOf(train, 1));
  });

  it("learns a desk from seven examples a category", () => {
    const { accuracy, macroF1 } = measureRouter(trainRouter(train, { seed: 1 }), test);
    expect(accuracy).toBeGreaterThanOrEqual(0.85);
    expect(macroF1).toBeGreaterThanOrEqual(0.85);
  });

  it("calibrates: the error of its confidence falls below that of the raw margins", () => {
    for (const place of [3, 5, 7]) {
      const desk = deskExamples(place);
      const model = trainRouter(desk.train, { seed: 1 });
      const raw = measureRouter({ ...model, temperature: 1 }, desk.test).ece;
      expect(measureRouter(model, desk.test).ece).toBeLessThan(raw / 2);
    }
  });

  it("does not become certain when a tiny set is told apart without a mistake", () => {
    const tiny = ["red red", "red paint", "red wall", "blue blue", "blue paint", "blue wall"].map((text) => ({
      text,
      label: text.slice(0, 3),
    }));
    const model = trainRouter(tiny, { seed: 1 });
    expect(model.temperature).toBeGreaterThan(0.1);
    const { confidence, label } = route(model, "red");
    expect(label).toBe("red");
    expect(confidence).toBeGreaterThan(0.6);
    expect(route(model, "wall").confidence).toBeLessThan(0.9);
  });

  it("trains on one example a label, and then calls little of what it sees in scope", () => {
    const model = trainRouter(deskExamples(1).train, { seed: 1 });
    expect(route(model, "Please reset my password")).toMatchObject({ label: "password" });
    expect(measureRouter(model, test).inScopeKept).toBeLessThan(0.7);
  });

  it("keeps a label that has a single example among labels that have many", () => {
    const model = trainRouter([...train, { text: "The coffee machine leaks", label: "kitchen" }], { seed: 1 });
    expect(route(model, "coffee machine leaks again").label).toBe("kitchen");
  });

  it("tells how far it has come, up to the end", () => {
    const seen: number[] = [];
    let all = 0;
    trainRouter(train, {
      seed: 1,
      onProgress: ({ done, total }) => {
        seen.push(done);
        all = total;
      },
    });
    expect(seen).toEqual(Array.from({ length: all }, (_, i) => i + 1));
    expect(all).toBe(36);
  });

  it("refuses fewer than two labels", () => {
    expect(codeOf(() => trainRouter([], { seed: 1 }))).toBe("router.too_few_labels");
    const one = train.filter(({ label }) => label === "vpn");
    expect(codeOf(() => trainRouter(one, { seed: 1 }))).toBe("router.too_few_labels");
  });

  it("refuses an example without text or label, and says which", () => {
    expect(codeOf(() => trainRouter([...train, { text: " \n", label: "vpn" }], { seed: 1 }))).toBe(
      "router.example_incomplete",
    );
    expect(() => trainRouter([{ text: "hello", label: "" }, ...train], { seed: 1 })).toThrow("Example 1 of 43");
  });
});
