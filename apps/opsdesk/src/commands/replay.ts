import type { Command } from "commander";
import { pathTo } from "../client/client.ts";
import { SERVICES } from "../client/services.ts";
import { acting, wholeNumber } from "../terminal/command.ts";
import { counted, table } from "../terminal/table.ts";
import { UsageError } from "../terminal/usage-error.ts";
import type { Environment } from "../up/settings.ts";

interface Options {
  readonly service: string;
  readonly from: string;
  readonly dryRun?: boolean;
  readonly handler?: string;
  readonly topic?: string;
  readonly perSecond: number;
}

interface Replayed {
  readonly read: number;
  readonly outcomes: Readonly<Record<string, number>>;
}

export const addReplay = (program: Command, environment: Environment): void => {
  program
    .command("replay")
    .description(
      "offer a service events of the log again: what it has handled counts as a duplicate, what it missed is handled",
    )
    .requiredOption("--service <name>", SERVICES.join(", "))
    .requiredOption("--from <place>", "an offset (0 is the beginning) or a time (2026-01-31T09:00:00Z)")
    .option("--dry-run", "only count what would be offered")
    .option("--handler <name>", "only this handler: on-ticket-created")
    .option("--topic <name>", "only this topic: ticket.created.v1")
    .option("--per-second <n>", "at most this many a second", wholeNumber(1, 10_000), 200)
    .action(
      acting<Options>(environment, async ({ desk }, { dryRun = false, from, handler, perSecond, service, topic }) => {
        const report = await desk.send<Replayed>("POST", pathTo(["ops", service, "replay"]), {
          ...placeOf(from),
          dryRun,
          perSecondMax: perSecond,
          ...(handler === undefined ? {} : { handler }),
          ...(topic === undefined ? {} : { topic }),
        });
        const outcomes = Object.entries(report.outcomes).filter(([, count]) => count > 0);
        const text = [
          `${counted(report.read, "event")} ${dryRun ? "would be offered" : "offered"} to ${service}.`,
          ...(outcomes.length === 0 ? [] : [table(["outcome", "events"], outcomes)]),
        ];
        return { json: report, text: text.join("\n"), failed: (report.outcomes["rejected"] ?? 0) > 0 };
      }),
    );
};

function placeOf(from: string): { readonly fromOffset: number } | { readonly fromTime: string } {
  if (/^\d{1,15}$/.test(from)) return { fromOffset: Number(from) };
  const time = Date.parse(from);
  if (Number.isNaN(time))
    throw new UsageError(`--from ${from}: expected an offset (0) or a time (2026-01-31T09:00:00Z).`);
  return { fromTime: new Date(time).toISOString() };
}
