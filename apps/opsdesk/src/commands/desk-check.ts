import type { Command } from "commander";
import { problemsAnswer, readPack } from "../desk-init/read-pack.ts";
import { acting } from "../terminal/command.ts";
import { counted } from "../terminal/table.ts";
import type { Environment } from "../up/settings.ts";

export const addDeskCheck = (desk: Command, environment: Environment): void => {
  desk
    .command("check")
    .description("say what is wrong with a desk pack; needs no running desk")
    .argument("<dir>", "the folder that holds desk.yaml")
    .action(
      acting<object, [string]>(environment, async (_session, _options, dir) => {
        const { read } = await readPack(dir);
        if ("problems" in read) return problemsAnswer(read.problems);
        const { desk: checked, documents, examples } = read.pack;
        const counts = {
          categories: checked.categories.length,
          templates: checked.templates.length,
          examples: examples.length,
          documents: documents.length,
          scenarios: checked.scenarios.length,
        };
        return {
          json: { valid: true, desk: checked.business.id, ...counts, problems: [] },
          text: `${checked.business.id} is a valid desk: ${counts.categories} categories, ${counted(counts.templates, "template")}, ${counted(counts.examples, "example")}, ${counted(counts.documents, "document")}, ${counted(counts.scenarios, "scenario")}.`,
        };
      }),
    );
};
