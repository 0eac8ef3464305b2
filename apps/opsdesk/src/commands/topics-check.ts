import { checkCluster } from "@opsdesk/kafka-admin";
import type { Command } from "commander";
import { acting } from "../terminal/command.ts";
import { counted } from "../terminal/table.ts";
import type { Environment } from "../up/settings.ts";
import { changesText, jsonOf } from "../topics/changes-text.ts";
import { type TopicsOptions, planned, topicsOptions } from "../topics/planned.ts";

export const addTopicsCheck = (topics: Command, environment: Environment): void => {
  topicsOptions(topics.command("check"))
    .description("say where topics, users and rights are not what they should be; changes nothing")
    .action(
      acting<TopicsOptions>(environment, async (_session, options) => {
        const { connection, plan, passwords } = planned(options, environment);
        const differences = await checkCluster(connection, plan, passwords);
        const { topics: wanted, users, acls } = plan;
        return {
          json: { agrees: differences.length === 0, differences: differences.map(jsonOf) },
          text:
            differences.length === 0
              ? `The cluster agrees: ${counted(wanted.length, "topic")}, ${counted(users.length, "user")}, ${counted(acls.length, "right")}.`
              : `The cluster differs:\n${changesText(differences)}`,
          failed: differences.length > 0,
        };
      }),
    );
};
