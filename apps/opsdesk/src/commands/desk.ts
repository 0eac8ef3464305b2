import type { Command } from "commander";
import type { Environment } from "../up/settings.ts";
import { addDeskApply } from "./desk-apply.ts";
import { addDeskCheck } from "./desk-check.ts";
import { addDeskInit } from "./desk-init.ts";

export const addDesk = (program: Command, environment: Environment): void => {
  const desk = program.command("desk").description("the desk as a folder of files: check it, apply it, propose one");
  for (const add of [addDeskCheck, addDeskApply, addDeskInit]) add(desk, environment);
};
