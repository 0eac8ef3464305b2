import { styleText } from "node:util";
import type { Command } from "commander";
import { type DeadLetter, findDeadLetter } from "../dead-letters/dead-letters.ts";
import { acting } from "../terminal/command.ts";
import type { Environment } from "../up/settings.ts";

interface Options {
  readonly service?: string;
}

export const addDeadLettersShow = (letters: Command, environment: Environment): void => {
  letters
    .command("show")
    .description("one dead letter with the record as it came; it may hold personal data")
    .argument("<id>")
    .option("--service <name>", "which service holds it")
    .action(
      acting<Options, [string]>(environment, async ({ desk }, { service }, id) => {
        const letter = await findDeadLetter(desk, id, service);
        return { json: letter, text: shown(letter) };
      }),
    );
};

function shown({ value = "", ...letter }: DeadLetter): string {
  const width = Math.max(...Object.keys(letter).map((name) => name.length));
  const facts = Object.entries(letter).map(
    ([name, fact]) => `${styleText("dim", name.padEnd(width))}  ${String(fact)}`,
  );
  return [...facts, "", pretty(value)].join("\n");
}

function pretty(value: string): string {
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    // Being no JSON may be why it was parked.
    return value;
  }
}
