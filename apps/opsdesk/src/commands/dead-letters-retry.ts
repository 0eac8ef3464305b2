import type { Command } from "commander";
import { findDeadLetter, isHandled, retryDeadLetter, whyNot } from "../dead-letters/dead-letters.ts";
import { acting } from "../terminal/command.ts";
import { table } from "../terminal/table.ts";
import type { Environment } from "../up/settings.ts";

interface Options {
  readonly service?: string;
}

export const addDeadLettersRetry = (letters: Command, environment: Environment): void => {
  letters
    .command("retry")
    .description("run the handler again on the same record; a failure parks it again")
    .argument("<id...>")
    .option("--service <name>", "which service holds them")
    .action(
      acting<Options, [readonly string[]]>(environment, async ({ desk }, { service }, ids) => {
        const retried = [];
        for (const id of ids) {
          const letter = await findDeadLetter(desk, id, service);
          retried.push({ id, service: letter.service, ...(await retryDeadLetter(desk, letter)) });
        }
        return {
          json: { retried },
          text: table(
            ["id", "service", "outcome", "because"],
            retried.map((one) => [one.id, one.service, one.status, whyNot(one)]),
          ),
          failed: !retried.every(isHandled),
        };
      }),
    );
};
