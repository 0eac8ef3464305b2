import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { measureRouter as measureModel, serialiseRouter, trainRouter } from "../../packages/router/src/index.ts";
import type { LabelledText } from "../../packages/router/src/index.ts";
import { hashText } from "../../packages/text/src/index.ts";

const SEED = 1;
const FEW = 10;

interface DataSet {
  readonly train: readonly LabelledText[];
  readonly test: readonly LabelledText[];
  readonly outOfScope: readonly string[];
}

/** Each label's examples in a fixed pseudo-random order: by hash, so that the file's own order does not matter. */
function byLabel(examples: readonly LabelledText[]): LabelledText[][] {
  const groups = Map.groupBy(examples, ({ label }) => label);
  return [...groups.values()].map((group) => group.toSorted((a, b) => hashText(a.text, SEED) - hashText(b.text, SEED)));
}

/** `banking77/train.csv`, columns text and category. Its test split is not used: a fifth of each class is held out. */
async function banking(dataDir: string): Promise<DataSet> {
  const rows: { text: string; category: string }[] = parse(await readFile(join(dataDir, "banking77/train.csv")), {
    columns: true,
  });
  const groups = byLabel(rows.map(({ text, category }) => ({ text, label: category })));
  const fifth = (group: readonly LabelledText[]): number => Math.round(group.length / 5);
  return {
    train: groups.flatMap((group) => group.slice(fifth(group))),
    test: groups.flatMap((group) => group.slice(0, fifth(group))),
    outOfScope: [],
  };
}

/** `clinc150/train_val.json`: rows [text, intent]; trained on train, judged on val and on oos_val. */
async function clinc(dataDir: string): Promise<DataSet> {
  const file = JSON.parse(await readFile(join(dataDir, "clinc150/train_val.json"), "utf8")) as Record<
    "train" | "val" | "oos_val",
    [string, string][]
  >;
  const labelled = (rows: [string, string][]): LabelledText[] => rows.map(([text, label]) => ({ text, label }));
  return {
    train: labelled(file.train),
    test: labelled(file.val),
    outOfScope: file.oos_val.map(([text]) => text),
  };
}

function trainAndMeasure({ train, test, outOfScope }: DataSet): object {
  const startedAt = performance.now();
  const model = trainRouter(train, { seed: SEED });
  const trainingSeconds = (performance.now() - startedAt) / 1000;
  const { perLabel, microsecondsPerText, ...measured } = measureModel(model, test, outOfScope);
  return {
    trainedOn: train.length,
    labels: model.labels.length,
    ...measured,
    eceUncalibrated: measureModel({ ...model, temperature: 1 }, test).ece,
    msPerText: microsecondsPerText / 1000,
    trainingSeconds,
    artefactBytes: serialiseRouter(model).length,
    worstLabels: perLabel.toSorted((a, b) => a.f1 - b.f1).slice(0, 5),
  };
}

/** Accuracy, calibration, out-of-scope detection and speed on the data sets in a folder, with all and few examples. */
export async function measureRouter(dataDir: string): Promise<object> {
  const results: Record<string, object> = {};
  for (const [name, load] of Object.entries({ banking77: banking, clinc150: clinc })) {
    const data = await load(dataDir);
    const few = byLabel(data.train).flatMap((group) => group.slice(0, FEW));
    results[name] = { all: trainAndMeasure(data), tenALabel: trainAndMeasure({ ...data, train: few }) };
  }
  return results;
}
