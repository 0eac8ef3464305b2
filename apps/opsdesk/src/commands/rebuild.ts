import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { pathTo } from "../client/client.ts";
import { SERVICES } from "../client/services.ts";
import { acting } from "../terminal/command.ts";
import { note } from "../terminal/print.ts";
import { counted } from "../terminal/table.ts";
import { UsageError } from "../terminal/usage-error.ts";
import type { Environment } from "../up/settings.ts";

interface Options {
  readonly service: string;
  readonly projection: string;
}

interface Rebuild {
  readonly projection: string;
  readonly state: "running" | "done" | "failed";
  readonly startedAt: string;
  readonly events: number;
  readonly unreadable: number;
  readonly refused: number;
  readonly code: string | null;
}

const LOOK_EVERY_MS = 500;
const TELL_EVERY_MS = 5_000;

export const addRebuild = (program: Command, environment: Environment): void => {
  program
    .command("rebuild")
    .description(
      "make a copy of events in another store again, beside the one in use; needs the installation's key (--api-key)",
    )
    .requiredOption("--service <name>", SERVICES.join(", "))
    .requiredOption("--projection <name>", "search or graph of retrieval, search of analytics")
    .action(
      acting<Options>(environment, async ({ desk }, { projection, service }) => {
        const path = pathTo(["ops", service, "rebuild"]);
        const begun = await desk.send<Rebuild>("POST", path, { projection });
        let told = performance.now();
        for (;;) {
          const { items } = await desk.get<{ items: readonly Rebuild[] }>(path);
          const now = items.find((one) => one.projection === projection);
          if (now === undefined || now.startedAt !== begun.startedAt)
            throw new UsageError(`${service} was started anew while it rebuilt ${projection}: begin again.`);
          if (now.state !== "running") return answerOf(service, now);
          if (performance.now() - told > TELL_EVERY_MS) {
            told = performance.now();
            note(`${projection}: ${counted(now.events, "event")}`);
          }
          await sleep(LOOK_EVERY_MS);
        }
      }),
    );
};

function answerOf(service: string, rebuild: Rebuild) {
  const { code, events, projection, refused, state, unreadable } = rebuild;
  const text =
    state === "done"
      ? `${projection} of ${service} was made again from ${counted(events, "event")}; ${unreadable} could not be read, ${refused} were refused.`
      : `${projection} of ${service} stays as it was: ${code ?? "it failed"}.`;
  return { json: rebuild, text, failed: state === "failed" };
}
