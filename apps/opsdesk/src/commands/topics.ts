import type { Command } from "commander";
import type { Environment } from "../up/settings.ts";
import { addTopicsApply } from "./topics-apply.ts";
import { addTopicsCheck } from "./topics-check.ts";

export const addTopics = (program: Command, environment: Environment): void => {
  const topics = program
    .command("topics")
    .description(
      "the Kafka cluster's topics, users and rights as the catalogue of events says: apply them, check them",
    );
  for (const add of [addTopicsApply, addTopicsCheck]) add(topics, environment);
};
