import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measureFields } from "./fields.ts";
import { measureGroundedness } from "./groundedness.ts";

const CONTEXT = "The library opens at eight on weekdays. Visitors show a card at the door.";
const RATED = [
  { contexts: [CONTEXT], response: "The library opens at eight on weekdays.", faithfulness: [4, 4, 4] },
  { contexts: [CONTEXT], response: "Visitors show their card at the door.", faithfulness: [4, 4, 4] },
  { contexts: [CONTEXT], response: "Visitors show a card, and pay seven pounds for coffee.", faithfulness: [2, 3, 3] },
  { contexts: [CONTEXT], response: "The swimming pool closes on Sunday evenings.", faithfulness: [1, 1, 2] },
];

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opsdesk-measure-"));
  await mkdir(join(folder, "mtrag"));
  const lines = RATED.map((answer) => JSON.stringify(answer)).join("\n");
  await writeFile(join(folder, "mtrag/human_ratings.jsonl"), `${lines}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

describe("measureGroundedness", () => {
  it("ranks answers as people do where words decide it", async () => {
    expect(await measureGroundedness(folder)).toMatchObject({
      answers: 4,
      gate: {
        spearman: expect.closeTo(1, 1),
        unanimous: { faithful: 2, invented: 1, auroc: 1 },
        atThree: { faithful: 2, invented: 2, auroc: 1 },
      },
      evaluation: { unanimous: { auroc: 1 } },
    });
  });
});

describe("measureFields", () => {
  it("finds most of what a person would ask for and how urgent it is, and shows where it does not", async () => {
    const report = (await measureFields()) as {
      enquiries: number;
      priorityAccuracy: number;
      missingInformation: { precision: number; recall: number };
      differing: readonly unknown[];
    };
    expect(report.enquiries).toBeGreaterThan(30);
    expect(report.priorityAccuracy).toBeGreaterThan(0.85);
    expect(report.missingInformation.precision).toBeGreaterThan(0.75);
    expect(report.missingInformation.recall).toBeGreaterThan(0.8);
    expect(report.differing.length).toBeGreaterThan(0);
  });
});
