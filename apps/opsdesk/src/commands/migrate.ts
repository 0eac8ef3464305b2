import type { Command } from "commander";
import { migrateServer, pendingOnServer } from "@opsdesk/service/migrate";
import { acting } from "../terminal/command.ts";
import { counted } from "../terminal/table.ts";
import { UsageError } from "../terminal/usage-error.ts";
import { everyService } from "../up/services.ts";
import type { Environment } from "../up/settings.ts";

interface Options {
  readonly check?: boolean;
}

export const addMigrate = (program: Command, environment: Environment): void => {
  program
    .command("migrate")
    .description("make a Postgres server ready for all services: roles, schemas, tables, queues, logins")
    .option("--check", "change nothing; 1 when something is missing")
    .addHelpText(
      "after",
      "\nDATABASE_OWNER_URL logs in an administrator; <SERVICE>_DATABASE_PASSWORD lets that service log in as <slice>_app.",
    )
    .action(
      acting<Options>(environment, async (_session, { check = false }) => {
        const services = await everyService();
        const url = environment["DATABASE_OWNER_URL"] || undefined;
        if (url === undefined || !/^postgres(ql)?:\/\/./.test(url))
          throw new UsageError(
            "DATABASE_OWNER_URL must be the address of an administrator: postgres://user@host/database",
          );
        if (check) {
          const missing = await pendingOnServer(url, services);
          return {
            json: { missing },
            text:
              missing.length === 0
                ? "Every slice is as this version wants it."
                : [`${counted(missing.length, "migration")} to apply:`, ...missing.map((name) => `  ${name}`)].join(
                    "\n",
                  ),
            failed: missing.length > 0,
          };
        }
        const { applied, logins } = await migrateServer(url, services, environment);
        return {
          json: { applied, logins },
          text: [
            applied.length === 0
              ? "Nothing to apply: every slice is as this version wants it."
              : [`${counted(applied.length, "migration")} applied:`, ...applied.map((name) => `  ${name}`)].join("\n"),
            ...(logins.length === 0 ? [] : [`May log in: ${logins.join(", ")}.`]),
          ].join("\n"),
        };
      }),
    );
};
