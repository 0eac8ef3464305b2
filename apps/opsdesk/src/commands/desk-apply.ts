import type { Command } from "commander";
import { problemsAnswer, readPack } from "../desk-init/read-pack.ts";
import { acting } from "../terminal/command.ts";
import { counted } from "../terminal/table.ts";
import type { Environment } from "../up/settings.ts";

interface Options {
  readonly actor?: string;
}

interface Applied {
  readonly version: number;
  readonly contentHash: string;
  readonly changed: boolean;
  readonly examples: number;
  readonly documentsSubmitted: readonly string[];
  readonly documentsRetired: readonly string[];
}

export const addDeskApply = (desk: Command, environment: Environment): void => {
  desk
    .command("apply")
    .description("make a desk pack the desk's configuration; the same pack again changes nothing")
    .argument("<dir>", "the folder that holds desk.yaml")
    .option("--actor <person>", "who applies it: the id of a person of the desk")
    .action(
      acting<Options, [string]>(environment, async ({ desk: running }, { actor }, dir) => {
        const { files, read } = await readPack(dir);
        if ("problems" in read) return problemsAnswer(read.problems);
        // No Idempotency-Key: an older pack applied again is a wish of its own, and the desk knows what is unchanged.
        const applied = await running.send<Applied>("PUT", "/v1/desk", {
          files: Object.fromEntries(files),
          ...(actor === undefined ? {} : { actorId: actor }),
        });
        return { json: applied, text: appliedText(applied) };
      }),
    );
};

function appliedText({ changed, documentsRetired, documentsSubmitted, examples, version }: Applied): string {
  if (!changed) return `Nothing changed: version ${version} stays.`;
  const retired = documentsRetired.length === 0 ? "" : `, ${counted(documentsRetired.length, "document")} retired`;
  return `Version ${version} applied: ${counted(examples, "example")} to learn from, ${counted(documentsSubmitted.length, "document")} to index${retired}.`;
}
