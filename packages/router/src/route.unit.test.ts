import { deskExamples, STRANGERS } from "./desk.fixture.ts";
import { measureRouter } from "./measure.ts";
import { route } from "./route.ts";
import { trainRouter } from "./train.ts";

const { train, test } = deskExamples();
const model = trainRouter(train, { seed: 1 });

describe("route", () => {
  it("ranks five labels, best first, with confidences that are probabilities", () => {
    const { label, confidence, ranking } = route(model, "the vpn client fails on my laptop");
    expect(ranking).toHaveLength(5);
    expect(ranking[0]).toEqual({ label, confidence });
    const confidences = ranking.map((ranked) => ranked.confidence);
    expect(confidences).toEqual(confidences.toSorted((a, b) => b - a));
    expect(confidences.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(1 + 1e-9);
    expect(new Set(ranking.map((ranked) => ranked.label)).size).toBe(5);
  });

  it("ranks what there is when there are fewer than five labels", () => {
    const two = trainRouter(
      train.filter(({ label }) => label === "vpn" || label === "email"),
      { seed: 1 },
    );
    const { ranking } = route(two, "outlook is slow");
    expect(ranking).toHaveLength(2);
    expect(ranking.reduce((sum, ranked) => sum + ranked.confidence, 0)).toBeCloseTo(1);
  });

  it("tells strangers from the desk's own texts", () => {
    const { oosAuroc, inScopeKept } = measureRouter(model, test, STRANGERS);
    expect(oosAuroc).toBeGreaterThanOrEqual(0.9);
    expect(inScopeKept).toBeGreaterThanOrEqual(0.85);
  });

  it.each(["", "   ", "?!…", "🙂🙂", "密码已过期", "Ωμέγα"])(
    "calls a text without one known feature out of scope for certain: %j",
    (text) => {
      expect(route(model, text)).toMatchObject({ outOfScope: 1, inScope: false });
    },
  );

  it("is out of scope and unsure for unknown words that share only letters with the examples", () => {
    const { inScope, confidence } = route(model, "zzyzx qwxkj vvbnw");
    expect(inScope).toBe(false);
    expect(confidence).toBeLessThan(0.5);
  });

  it("reads capitals, compatibility forms and curly apostrophes as the same text", () => {
    const plain = route(model, "can't print, the printer is offline");
    expect(route(model, "CAN’T PRINT — the ｐｒｉｎｔｅｒ is OFFLINE!")).toEqual(plain);
  });

  it("learns scripts that are written without spaces", () => {
    const chinese = ["密码", "打印机"].flatMap((word) =>
      ["我的坏了", "不能用", "有问题", "请帮助"].map((rest) => ({ text: `${word}${rest}`, label: word })),
    );
    expect(route(trainRouter(chinese, { seed: 1 }), "打印机没有反应").label).toBe("打印机");
  });

  it("knows a misspelt word by its characters", () => {
    expect(route(model, "pasword forgoten").label).toBe("password");
  });

  it("answers a very long text in bounded time", () => {
    const startedAt = performance.now();
    route(model, "the vpn connection drops again and again ".repeat(100_000));
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
