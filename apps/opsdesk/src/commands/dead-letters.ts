import type { Command } from "commander";
import type { Environment } from "../up/settings.ts";
import { addDeadLettersClose } from "./dead-letters-close.ts";
import { addDeadLettersEdit } from "./dead-letters-edit.ts";
import { addDeadLettersList } from "./dead-letters-list.ts";
import { addDeadLettersRetry } from "./dead-letters-retry.ts";
import { addDeadLettersShow } from "./dead-letters-show.ts";

export const addDeadLetters = (program: Command, environment: Environment): void => {
  const letters = program.command("dead-letters").description("events that could not be handled: look, retry, mend");
  for (const add of [
    addDeadLettersList,
    addDeadLettersShow,
    addDeadLettersRetry,
    addDeadLettersEdit,
    addDeadLettersClose,
  ])
    add(letters, environment);
};
