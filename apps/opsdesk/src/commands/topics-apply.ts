import { applyToCluster } from "@opsdesk/kafka-admin";
import type { Command } from "commander";
import { acting } from "../terminal/command.ts";
import type { Environment } from "../up/settings.ts";
import { type TopicsOptions, planned, topicsOptions } from "../topics/planned.ts";
import { changesText, jsonOf } from "../topics/changes-text.ts";

interface Options extends TopicsOptions {
  readonly dryRun?: boolean;
  readonly prune?: boolean;
}

export const addTopicsApply = (topics: Command, environment: Environment): void => {
  topicsOptions(topics.command("apply"))
    .description("make topics, users and rights what they should be; a second run changes nothing")
    .option("--dry-run", "only say what would be changed")
    .option("--prune", "also remove users that are no longer planned, with their rights; topics stay")
    .action(
      acting<Options>(environment, async (_session, options) => {
        const { dryRun = false, prune = false } = options;
        const { connection, plan, passwords } = planned(options, environment);
        const { made, left } = await applyToCluster(connection, plan, passwords, { dryRun, prune });
        const refused = left.some((change) => change.kind === "refused");
        return {
          json: { dryRun, made: made.map(jsonOf), left: left.map(jsonOf) },
          text: [
            made.length === 0
              ? "Nothing to change."
              : `${dryRun ? "Would be changed" : "Changed"}:\n${changesText(made)}`,
            ...(left.length === 0
              ? []
              : [`Left as it is${prune ? "" : " (--prune removes users)"}:\n${changesText(left)}`]),
          ].join("\n"),
          failed: refused,
        };
      }),
    );
};
