import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { once } from "node:events";
import { styleText } from "node:util";
import type { Command } from "commander";
import { type Session, acting, wholeNumber } from "../terminal/command.ts";
import { untilInterrupted } from "../terminal/interrupted.ts";
import { note } from "../terminal/print.ts";
import { short } from "../terminal/table.ts";
import { UsageError } from "../terminal/usage-error.ts";
import type { Environment } from "../up/settings.ts";
import { type Heard, listen } from "../webhooks/listen.ts";

interface Options {
  readonly port: number;
  readonly secret?: string;
  readonly limit: number;
}

const SECRET_NAME = "OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__CRM";

export const addWebhooksListen = (webhooks: Command, environment: Environment): void => {
  webhooks
    .command("listen")
    .description("receive webhooks on this machine and verify each, until Ctrl-C")
    .option("--port <n>", "0: any free port", wholeNumber(0, 65_535), 4_110)
    .option("--secret <whsec>", `${SECRET_NAME}, or the one the desk made in OPSDESK_DATA_DIR`)
    .option("--limit <n>", "stop after n deliveries", wholeNumber(1), Number.MAX_SAFE_INTEGER)
    .action(
      acting<Options>(environment, async (session, { limit, port, secret }) => {
        const key = secret ?? environment[SECRET_NAME] ?? (await keptSecret(session));
        if (key === undefined)
          throw new UsageError(`Whose signatures? Give the endpoint's secret with --secret or ${SECRET_NAME}.`);
        const stopping = new AbortController();
        const signal = AbortSignal.any([untilInterrupted(), stopping.signal]);
        const out = session.items();
        let left = limit;
        const listener = await listen(port, key, async (heard) => {
          await out.item(heard, line(heard));
          left -= 1;
          // After the answer has gone out.
          if (left === 0) setImmediate(() => stopping.abort());
        });
        note(`Listening at ${listener.url}`);
        if (!signal.aborted) await once(signal, "abort");
        await listener.stop();
        await out.end();
        return undefined;
      }),
    );
};

/** The sample CRM's secret, where the embedded lane keeps it. */
async function keptSecret({ dataDir }: Session): Promise<string | undefined> {
  const text = await readFile(join(dataDir, "secrets.json"), "utf8").catch(() => "{}");
  const kept = JSON.parse(text) as Readonly<Record<string, unknown>>;
  return typeof kept[SECRET_NAME] === "string" ? kept[SECRET_NAME] : undefined;
}

function line({ at, body, findings, id, verified }: Heard): string {
  const verdict = verified
    ? styleText("green", "verified")
    : styleText("red", findings.map(({ code }) => code).join(", "));
  return `${styleText("dim", at)} ${verdict} ${id} ${typeOf(body)}`;
}

function typeOf(body: string): string {
  try {
    const { type } = JSON.parse(body) as { type?: unknown };
    return typeof type === "string" ? short(type, 80) : "";
  } catch {
    return "";
  }
}
