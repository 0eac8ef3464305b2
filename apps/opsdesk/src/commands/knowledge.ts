import type { Command } from "commander";
import type { Environment } from "../up/settings.ts";
import { addKnowledgeAdd } from "./knowledge-add.ts";
import { addKnowledgeSearch } from "./knowledge-search.ts";

export const addKnowledge = (program: Command, environment: Environment): void => {
  const knowledge = program.command("knowledge").description("what the desk may quote");
  for (const add of [addKnowledgeSearch, addKnowledgeAdd]) add(knowledge, environment);
};
