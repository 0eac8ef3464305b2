import { createHash } from "node:crypto";
import { RejectedError } from "@opsdesk/errors";
import type { Command } from "commander";
import { type Columns, readExamples } from "../examples/read-examples.ts";
import { trainDesk } from "../examples/train-desk.ts";
import { type Answer, acting, wholeNumber } from "../terminal/command.ts";
import { counted, percent } from "../terminal/table.ts";
import type { Environment } from "../up/settings.ts";

interface Options extends Columns {
  readonly examples: string;
  readonly timeout: number;
}

export const addTrain = (program: Command, environment: Environment): void => {
  program
    .command("train")
    .description("teach the desk further labelled texts and wait until the new router is in use")
    .requiredOption("--examples <file>", ".csv or .jsonl: a text and the id of its category")
    .option("--text-column <name>", "which column holds the text")
    .option("--category-column <name>", "which column holds the category's id")
    .option("--timeout <seconds>", "how long to wait", wholeNumber(1), 300)
    .action(
      acting<Options>(environment, async ({ desk, progress }, { examples: file, timeout, ...columns }) => {
        const { examples, empty } = await readExamples(file, columns);
        const set = `file:${createHash("sha256").update(JSON.stringify(examples)).digest("hex").slice(0, 16)}`;
        const shown = progress("training", examples.length);
        const trained = await trainDesk(desk, set, examples, timeout, (sent) => shown.at(sent, "sent")).finally(() =>
          shown.end(),
        );
        if (trained.outcome === "failed")
          throw new RejectedError("training_failed", trained.reason, {
            publicMessage: `The desk could not learn from these examples: ${trained.reason}.`,
          });
        const text =
          trained.outcome === "unchanged"
            ? "Nothing new: the router in use has learnt exactly these examples."
            : trainedText(trained.router);
        return {
          json: { set, sent: examples.length, empty, ...trained },
          text: `${counted(examples.length, "example")} sent. ${text}`,
        } satisfies Answer;
      }),
    );
};

function trainedText({
  categories,
  heldOut,
  modelId,
  trainedOn,
  trainingMs,
}: {
  categories: number;
  heldOut: { accuracy: number; ece: number; n: number };
  modelId: string;
  trainedOn: number;
  trainingMs: number;
}): string {
  const figures =
    heldOut.n === 0
      ? "too few to hold any out"
      : `${percent(heldOut.accuracy)} right on ${heldOut.n} held out, calibration error ${percent(heldOut.ece)}`;
  return `The router ${modelId} is in use: trained on ${trainedOn} texts of ${categories} categories in ${(trainingMs / 1_000).toFixed(1)} s; ${figures}.`;
}
