import type { Command } from "commander";
import { closeDeadLetter, findDeadLetter } from "../dead-letters/dead-letters.ts";
import { acting } from "../terminal/command.ts";
import type { Environment } from "../up/settings.ts";

interface Options {
  readonly service?: string;
  readonly because: string;
}

export const addDeadLettersClose = (letters: Command, environment: Environment): void => {
  letters
    .command("close")
    .description("close without handling: nothing can be made of the record")
    .argument("<id...>")
    .requiredOption("--because <words>", "why; it is kept with the letter")
    .option("--service <name>", "which service holds them")
    .action(
      acting<Options, [readonly string[]]>(environment, async ({ desk }, { because, service }, ids) => {
        const closed = [];
        for (const id of ids) {
          const letter = await findDeadLetter(desk, id, service);
          closed.push({ ...(await closeDeadLetter(desk, letter, because)), service: letter.service });
        }
        return { json: { closed }, text: closed.map((one) => `${one.id} of ${one.service} is closed.`).join("\n") };
      }),
    );
};
