import { type Command, Option } from "commander";
import { RejectedError } from "@opsdesk/errors";
import type { LabelledText } from "@opsdesk/router";
import { readPack } from "../desk-init/read-pack.ts";
import { runGoldenScenarios } from "../evaluation/golden.ts";
import { type ExamplesMeasure, measureByFolds, measureOnDesk } from "../examples/measure-examples.ts";
import { type Columns, readExamples, readTexts } from "../examples/read-examples.ts";
import { type Answer, type Session, acting, wholeNumber } from "../terminal/command.ts";
import { percent, table } from "../terminal/table.ts";
import { UsageError } from "../terminal/usage-error.ts";
import type { Environment } from "../up/settings.ts";

interface Options extends Columns {
  readonly scenario?: readonly string[];
  readonly examples?: string;
  readonly desk?: string;
  readonly outOfScope?: string;
  readonly folds: number;
}

const WORST_SHOWN = 10;

export const addEvaluate = (program: Command, environment: Environment): void => {
  program
    .command("evaluate")
    .description(
      "run the desk's golden scenarios; with --examples, measure a router on labelled texts (needs no running desk)",
    )
    .option("--scenario <id...>", "only these scenarios")
    .addOption(new Option("--examples <file>", ".csv or .jsonl: a text and its category").conflicts("scenario"))
    .option("--desk <dir>", "with --examples: train on this desk pack's own examples instead of folds of the file")
    .option("--out-of-scope <file>", "with --examples: texts that belong to no category")
    .option("--folds <n>", "with --examples: how many", wholeNumber(2, 20), 5)
    .option("--text-column <name>", "which column holds the text")
    .option("--category-column <name>", "which column holds the category")
    .action(
      acting<Options>(environment, async (session, options) => {
        const { examples, scenario = [] } = options;
        if (examples !== undefined) return await measured(session, examples, options);
        if (options.desk !== undefined || options.outOfScope !== undefined)
          throw new UsageError("--desk and --out-of-scope go with --examples.");
        return await runGoldenScenarios(session, scenario);
      }),
    );
};

async function measured(
  { progress }: Session,
  file: string,
  { desk, folds, outOfScope, ...columns }: Options,
): Promise<Answer> {
  const { examples } = await readExamples(file, columns);
  const strangers = outOfScope === undefined ? [] : await readTexts(outOfScope, columns.textColumn);
  const taught = desk === undefined ? undefined : await examplesOf(desk);
  const shown = progress("training", taught === undefined ? folds : 1);
  const onProgress = (done: number, total: number): void => shown.at(taught === undefined ? done : done / total, "");
  const measure =
    taught === undefined
      ? measureByFolds(examples, strangers, folds, onProgress)
      : measureOnDesk(taught, examples, strangers, onProgress);
  shown.end();
  return {
    json: { file, desk: desk ?? null, outOfScope: strangers.length, ...measure },
    text: measureText(measure, strangers.length, desk),
  };
}

async function examplesOf(folder: string): Promise<readonly LabelledText[]> {
  const { read } = await readPack(folder);
  if ("pack" in read) return read.pack.examples.map(({ categoryId, text }) => ({ text, label: categoryId }));
  const message = `${folder} is no valid desk pack. See \`opsdesk desk check ${folder}\`.`;
  throw new RejectedError("desk_pack_invalid", message, { publicMessage: message });
}

function measureText(measure: ExamplesMeasure, strangers: number, desk: string | undefined): string {
  const { accuracy, categories, ece, examples, folds, inScopeKept, macroF1, oosAuroc, oosCaught, recall } = measure;
  const how =
    desk === undefined
      ? `${folds} folds of the file: each text judged by a model that had not seen its fold`
      : `trained on the examples of ${desk}`;
  const scope =
    oosAuroc === null || oosCaught === null
      ? "not measured: give texts with --out-of-scope"
      : `${percent(oosCaught)} of ${strangers} texts recognised, AUROC ${oosAuroc.toFixed(3)}`;
  return [
    `${examples} texts of ${categories} categories, ${how}.`,
    table(
      ["", ""],
      [
        ["accuracy", percent(accuracy)],
        ["macro F1", percent(macroF1)],
        ["calibration error", percent(ece)],
        ["kept in scope", percent(inScopeKept)],
        ["out of scope", scope],
      ],
    ).trimStart(),
    "",
    "Hardest categories:",
    table(
      ["category", "texts", "recognised"],
      recall.slice(0, WORST_SHOWN).map(({ label, n, recall: share }) => [label, n, percent(share)]),
    ),
  ].join("\n");
}
