import { styleText } from "node:util";
import type { Command } from "commander";
import { acting } from "../terminal/command.ts";
import { readText } from "../terminal/read-text.ts";
import { UsageError } from "../terminal/usage-error.ts";
import type { Environment } from "../up/settings.ts";
import { diagnose } from "../webhooks/diagnose.ts";
import { headersOf } from "../webhooks/headers.ts";

interface Options {
  readonly body: string;
  readonly headers: string;
  readonly secret: string;
  readonly at?: string;
}

export const addWebhooksDoctor = (webhooks: Command, environment: Environment): void => {
  webhooks
    .command("doctor")
    .description("say why a signature failed; needs no running desk")
    .requiredOption("--body <file>", "the body exactly as it came")
    .requiredOption("--headers <file>", 'the headers: "name: value" lines, or a JSON object')
    .requiredOption("--secret <file>", "a file that holds the endpoint's secret")
    .option("--at <time>", "when it came (2026-01-31T09:00:00Z); now by default")
    .action(
      acting<Options>(environment, async (_session, { at, body, headers, secret }) => {
        const time = at === undefined ? Date.now() : Date.parse(at);
        if (Number.isNaN(time)) throw new UsageError(`--at ${at}: expected a time such as 2026-01-31T09:00:00Z.`);
        const delivery = { body: await readText(body), headers: headersOf(await readText(headers)) };
        const diagnosis = diagnose(delivery, await readText(secret), time / 1_000);
        const text = diagnosis.verified
          ? styleText("green", "The signature verifies.")
          : diagnosis.findings.map(({ code, message }) => `${code}: ${message}`).join("\n");
        return { json: diagnosis, text, failed: !diagnosis.verified };
      }),
    );
};
