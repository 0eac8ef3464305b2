import type { Command } from "commander";
import { type DeadLetterList, listDeadLetters } from "../dead-letters/dead-letters.ts";
import { acting, wholeNumber } from "../terminal/command.ts";
import { short, table } from "../terminal/table.ts";
import type { Environment } from "../up/settings.ts";

interface Options {
  readonly service?: string;
  readonly status: string;
  readonly code?: string;
  readonly limit: number;
}

export const addDeadLettersList = (letters: Command, environment: Environment): void => {
  letters
    .command("list")
    .description("the newest dead letters of every service")
    .option("--service <name>", "only of this service")
    .option("--status <status>", "open, retried, replaced, closed or all", "open")
    .option("--code <code>", "only those parked for this reason")
    .option("--limit <n>", "at most this many", wholeNumber(1, 200), 50)
    .action(
      acting<Options>(environment, async ({ desk }, { code, limit, service, status }) => {
        const found = await listDeadLetters(desk, {
          service,
          code,
          limit,
          status: status === "all" ? undefined : status,
        });
        return { json: found, text: listText(found) };
      }),
    );
};

function listText({ items, notAsked }: DeadLetterList): string {
  const rows = items.map((one) => [
    one.id,
    one.service,
    one.consumer,
    one.eventType,
    one.code,
    one.status,
    one.createdAt,
    short(one.message, 60),
  ]);
  const listed =
    rows.length === 0
      ? "No dead letters."
      : table(["id", "service", "handler", "event", "code", "status", "parked", "because"], rows);
  return notAsked.length === 0 ? listed : `${listed}\nNot asked, for want of operator routes: ${notAsked.join(", ")}.`;
}
