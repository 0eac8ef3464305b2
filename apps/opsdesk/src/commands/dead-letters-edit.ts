import type { Command } from "commander";
import { findDeadLetter, isHandled, replaceDeadLetter, whyNot } from "../dead-letters/dead-letters.ts";
import { acting } from "../terminal/command.ts";
import { readJson } from "../terminal/read-text.ts";
import { UsageError } from "../terminal/usage-error.ts";
import type { Environment } from "../up/settings.ts";

interface Options {
  readonly service?: string;
  readonly event: string;
}

export const addDeadLettersEdit = (letters: Command, environment: Environment): void => {
  letters
    .command("edit")
    .description("run the handler on a corrected event instead; the key needs the scope ops:edit")
    .argument("<id>")
    .requiredOption(
      "--event <file>",
      "the corrected CloudEvent, JSON; `dead-letters show ID --json` has the one that came",
    )
    .option("--service <name>", "which service holds it")
    .action(
      acting<Options, [string]>(environment, async ({ desk }, { event: file, service }, id) => {
        const event = await readJson(file);
        if (typeof event !== "object" || event === null || Array.isArray(event))
          throw new UsageError(`${file}: expected one CloudEvent, a JSON object.`);
        const letter = await findDeadLetter(desk, id, service);
        const result = await replaceDeadLetter(desk, letter, event);
        return {
          json: { id, service: letter.service, ...result },
          text: isHandled(result)
            ? `${id} is closed; ${letter.service} took ${result.eventId} instead.`
            : `${id} is closed; ${letter.service} did not take ${result.eventId} either: ${result.status}, ${whyNot(result)}`,
          failed: !isHandled(result),
        };
      }),
    );
};
