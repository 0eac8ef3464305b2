import type { Command } from "commander";
import type { Environment } from "../up/settings.ts";
import { addWebhooksDoctor } from "./webhooks-doctor.ts";
import { addWebhooksListen } from "./webhooks-listen.ts";
import { addWebhooksReplay } from "./webhooks-replay.ts";

export const addWebhooks = (program: Command, environment: Environment): void => {
  const webhooks = program
    .command("webhooks")
    .description("receive and verify webhooks here, say why a signature failed, send again");
  for (const add of [addWebhooksListen, addWebhooksDoctor, addWebhooksReplay]) add(webhooks, environment);
};
