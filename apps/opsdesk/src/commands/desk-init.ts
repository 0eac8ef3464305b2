import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { readDeskPack } from "@opsdesk/desk-pack";
import { BugError, RejectedError } from "@opsdesk/errors";
import type { Command } from "commander";
import { slugOf } from "../desk-init/names.ts";
import { proposePack, type Proposal } from "../desk-init/propose-pack.ts";
import { type Columns, readExamples } from "../examples/read-examples.ts";
import { acting, wholeNumber } from "../terminal/command.ts";
import { told } from "../terminal/print.ts";
import { counted } from "../terminal/table.ts";
import type { Environment } from "../up/settings.ts";

interface Options extends Columns {
  readonly from: string;
  readonly examplesMin: number;
}

export const addDeskInit = (desk: Command, environment: Environment): void => {
  desk
    .command("init")
    .description("propose a desk pack from past tickets; needs no running desk")
    .argument("<name>", "the folder to make; its name becomes the desk's id")
    .requiredOption("--from <file>", "past tickets, .csv or .jsonl: a text and its category")
    .option("--text-column <name>", "which column holds the text")
    .option("--category-column <name>", "which column holds the category")
    .option("--examples-min <n>", "leave out categories with fewer texts", wholeNumber(1), 5)
    .action(
      acting<Options, [string]>(environment, async (_session, { from, examplesMin, ...columns }, name) => {
        const folder = resolve(name);
        await mustBeNew(folder);
        const { examples } = await readExamples(from, columns);
        const proposal = proposePack(examples, { id: slugOf(basename(folder)), examplesMin });
        if (proposal.categories.length === 0)
          throw refusal(
            "examples_too_few",
            `No category has ${examplesMin} texts or more. Give more past tickets, or lower --examples-min.`,
          );
        // Written only when the desk would take it: a proposal that does not pass is our mistake.
        const read = readDeskPack(new Map([...proposal.files].filter(([path]) => path !== "README.md")));
        if ("problems" in read)
          throw new BugError(
            "proposal_invalid",
            `The proposed pack is not valid: ${read.problems.slice(0, 5).map(told).join("; ")}`,
          );
        for (const [path, text] of proposal.files) {
          await mkdir(dirname(join(folder, path)), { recursive: true });
          await writeFile(join(folder, path), text);
        }
        const { files, ...rest } = proposal;
        return { json: { folder, files: [...files.keys()], ...rest }, text: proposedText(name, proposal) };
      }),
    );
};

async function mustBeNew(folder: string): Promise<void> {
  const present = await readdir(folder).catch(() => []);
  if (present.length > 0)
    throw refusal("folder_not_empty", `${folder} is not empty. Name a folder that does not exist yet.`);
}

function proposedText(name: string, { ambiguous, categories, leftOut }: Proposal): string {
  const examples = categories.reduce((sum, category) => sum + category.examples, 0);
  return [
    `${name}: ${categories.length} categories with ${counted(examples, "example")}.`,
    ...(leftOut.length === 0 ? [] : [`Left out, with too few texts: ${leftOut.join(", ")}.`]),
    ...(ambiguous === 0 ? [] : [`Left out, under more than one category: ${counted(ambiguous, "text")}.`]),
    `The examples are copied from past tickets and may name people: read them. Then \`opsdesk desk check ${name}\`.`,
  ].join("\n");
}

const refusal = (code: string, message: string): RejectedError =>
  new RejectedError(code, message, { publicMessage: message });
