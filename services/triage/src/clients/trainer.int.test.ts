import { describe, expect, it } from "@jest/globals";
import { parseRouter, route } from "@opsdesk/router";
import { EXAMPLES } from "../testing/given.ts";
import { workerTrainer } from "./trainer.ts";

const examples = EXAMPLES.map(({ categoryId, text }) => ({ text, label: categoryId }));

describe("the trainer", () => {
  it("gives the same artefact for the same examples in any order, trained in another thread", async () => {
    const trainer = workerTrainer();
    const one = await trainer.train({ examples, seed: 1 }, AbortSignal.timeout(20_000));
    const other = await trainer.train({ examples: examples.toReversed(), seed: 1 }, AbortSignal.timeout(20_000));
    expect(Buffer.compare(one.artefact, other.artefact)).toBe(0);
    expect(one).toMatchObject({ trainedOn: 16, categories: 2, heldOut: { n: 4 } });
    expect(route(parseRouter(one.artefact), "the printer has a paper jam").label).toBe("printer");
  });

  it("says with the router's code why examples cannot be learned from", async () => {
    const same = examples.filter(({ label }) => label === "printer");
    await expect(workerTrainer().train({ examples: same, seed: 1 }, AbortSignal.timeout(20_000))).rejects.toMatchObject(
      { code: "router.too_few_labels" },
    );
  });
});
