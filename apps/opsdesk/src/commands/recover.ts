import { createLog } from "@opsdesk/service/log";
import { recoverServices } from "@opsdesk/service/recover";
import type { Command } from "commander";
import pino from "pino";
import { acting } from "../terminal/command.ts";
import { note } from "../terminal/print.ts";
import { counted, table } from "../terminal/table.ts";
import { UsageError } from "../terminal/usage-error.ts";
import { servicesFor, servicesNamed } from "../up/services.ts";
import type { Environment } from "../up/settings.ts";

interface Options {
  readonly service?: readonly string[];
  readonly dryRun?: boolean;
}

const TELL_EVERY_MS = 5_000;

export const addRecover = (program: Command, environment: Environment): void => {
  program
    .command("recover")
    .description(
      "after Postgres was restored to an earlier moment: hand the services what the broker has and they lost",
    )
    .option("--service <names...>", "only these, as when one was broken off; else all")
    .option("--dry-run", "only count what is missing")
    .addHelpText(
      "after",
      [
        "",
        "Stop all services first. Needs what they are told, DATABASE_OWNER_URL for an administrator, and a user of the",
        "broker who may read every topic. Begin with --dry-run; see docs/runbooks/restore-postgres.md.",
      ].join("\n"),
    )
    .action(
      acting<Options>(environment, async (_session, { dryRun = false, service: names }) => {
        const url = environment["DATABASE_OWNER_URL"] ?? "";
        if (!/^postgres(ql)?:\/\//.test(url))
          throw new UsageError(
            "DATABASE_OWNER_URL must be the address of an administrator: postgres://user@host/database",
          );
        const services = names === undefined ? await servicesFor(environment) : await servicesNamed(names);
        let told = performance.now();
        const reports = await recoverServices({
          services,
          // A variable that is set to nothing is not set.
          environment: Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== "")),
          defaultTenant: environment["OPSDESK_TENANT"] || undefined,
          dryRun,
          log: createLog(environment["LOG_LEVEL"] || "warn", pino.destination(2)),
          onService: (name, { lost }) => note(`${name}: ${counted(lost, "input")} ${dryRun ? "missing" : "handled"}`),
          onProgress(name, done, total) {
            if (performance.now() - told < TELL_EVERY_MS) return;
            told = performance.now();
            note(`${name}: ${done} of ${counted(total, "input")}`);
          },
        });
        const all = [...reports];
        const rejected = all.reduce((sum, [, { outcomes }]) => sum + outcomes.rejected, 0);
        const refused = all.flatMap(([, one]) =>
          one.refused.map(({ code, consumer, eventId, message }) => [consumer, eventId, code, message]),
        );
        return {
          json: { dryRun, services: Object.fromEntries(all) },
          text: [
            table(
              [
                "service",
                "restored to",
                "missing",
                "by HTTP",
                "published since",
                "not sent again",
                "deferred",
                "refused",
              ],
              all.map(([name, one]) => [
                name,
                one.restoredTo ?? "never used",
                one.lost,
                one.lostByHttp,
                one.published,
                one.withheld,
                one.outcomes.deferred,
                one.outcomes.rejected,
              ]),
            ),
            dryRun
              ? "Nothing was changed. Without --dry-run the services are handed what is missing."
              : rejected === 0
                ? "All that the broker has is in the slices again: start the services."
                : `${counted(rejected, "input")} became dead letters: start the services and look at \`opsdesk dead-letters list\`.`,
            ...(refused.length === 0 ? [] : [table(["handler", "event", "code", "why"], refused)]),
          ].join("\n"),
          failed: rejected > 0,
        };
      }),
    );
};
