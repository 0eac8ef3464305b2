import { styleText } from "node:util";
import type { Command } from "commander";
import { type Followed, follow } from "../client/follow.ts";
import { acting, wholeNumber } from "../terminal/command.ts";
import { note } from "../terminal/print.ts";
import { untilInterrupted } from "../terminal/interrupted.ts";
import { short } from "../terminal/table.ts";
import type { Environment } from "../up/settings.ts";

interface Options {
  readonly type?: string;
  readonly after?: string;
  readonly limit: number;
}

export const addTail = (program: Command, environment: Environment): void => {
  program
    .command("tail")
    .description("events as they happen, until Ctrl-C")
    .option("--type <types>", "only these, separated by commas: ticket.created,ai.draft.review_required")
    .option("--after <position>", "resume behind this position instead of now; 0 is the beginning")
    .option("--limit <n>", "stop after n events", wholeNumber(1), Number.MAX_SAFE_INTEGER)
    .action(
      acting<Options>(environment, async ({ desk, items }, { after, limit, type: types }) => {
        const out = items();
        let left = limit;
        try {
          for await (const followed of follow(desk, { types, after, signal: untilInterrupted(), onResume: note })) {
            await out.item({ position: Number(followed.position), ...followed.event }, line(followed));
            left -= 1;
            if (left === 0) break;
          }
        } finally {
          await out.end();
        }
        return undefined;
      }),
    );
};

function line({ event, position }: Followed): string {
  const { data, source, time, type } = event;
  const facts =
    typeof data === "object" && data !== null
      ? Object.entries(data).filter(([name, value]) => SHOWN.has(name) && typeof value !== "object")
      : [];
  return `${styleText("dim", `${position.padStart(6)} ${time}`)} ${type.padEnd(28)} ${source.replace("/opsdesk/", "").padEnd(11)} ${short(facts.map(([name, value]) => `${name}=${String(value)}`).join(" "), 120)}`;
}

/** What identifies an event at a glance; texts stay where they are. */
const SHOWN = new Set([
  "reference",
  "ticketId",
  "conversationVersion",
  "categoryId",
  "outcome",
  "decision",
  "status",
  "reviewId",
  "deliveryId",
  "endpointName",
  "sourceId",
  "modelId",
  "code",
]);
