import { newId } from "@opsdesk/identity";
import type { Command } from "commander";
import { patiently } from "../client/patiently.ts";
import { acting, wholeNumber } from "../terminal/command.ts";
import { UsageError } from "../terminal/usage-error.ts";
import type { Environment } from "../up/settings.ts";

interface Options {
  readonly endpoint?: string;
  readonly since?: string;
  readonly until?: string;
  readonly afterSequence?: number;
}

interface Replayed {
  readonly replayed: number;
  readonly deliveryIds: readonly string[];
  readonly lastSequence: number | null;
}

export const addWebhooksReplay = (webhooks: Command, environment: Environment): void => {
  webhooks
    .command("replay")
    .description("send deliveries again: one, those of a time, or all that an endpoint missed")
    .argument("[delivery]", "the id of one delivery")
    .option("--endpoint <id>", "only to this endpoint")
    .option("--since <time>", "from 2026-01-31T09:00:00Z on")
    .option("--until <time>", "up to this time")
    .option("--after-sequence <n>", "with --endpoint: what was numbered after it", wholeNumber(0))
    .action(
      acting<Options, [string | undefined]>(
        environment,
        async ({ desk }, { afterSequence, endpoint: endpointId, since, until }, deliveryId) => {
          const asked = Object.fromEntries(
            Object.entries({ deliveryId, endpointId, since, until, afterSequence }).filter(
              ([, value]) => value !== undefined,
            ),
          );
          if (Object.keys(asked).length === 0)
            throw new UsageError("Which deliveries? Name one, or give --endpoint, --since or --until.");
          const key = newId();
          const answer = await patiently(() =>
            desk.send<Replayed>("POST", "/v1/webhooks/deliveries/replay", asked, key),
          );
          const more =
            answer.lastSequence === null
              ? ""
              : ` The last has number ${answer.lastSequence}; go on with --after-sequence.`;
          return { json: answer, text: `${answer.replayed} sent again.${more}` };
        },
      ),
    );
};
