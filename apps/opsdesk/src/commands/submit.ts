import type { Command } from "commander";
import { outcomeOf, outcomeText } from "../story/outcome.ts";
import { until } from "../client/until.ts";
import { acting, wholeNumber } from "../terminal/command.ts";
import type { Environment } from "../up/settings.ts";

interface Options {
  readonly text: string;
  readonly from?: string;
  readonly subject?: string;
  readonly externalId?: string;
  readonly wait?: boolean;
  readonly timeout: number;
}

interface Accepted {
  readonly ticketId: string;
  readonly reference: string;
  readonly correlationId: string;
}

export const addSubmit = (program: Command, environment: Environment): void => {
  program
    .command("submit")
    .description("send one enquiry")
    .requiredOption("--text <text>", "what the customer writes")
    .option("--from <address>", 'who writes: "Maya Lindqvist <maya@example.com>", or a name, or an address')
    .option("--subject <text>")
    .option("--external-id <id>", "the sender's own id: the same id again is the same enquiry")
    .option("--wait", "until the desk has decided what becomes of it")
    .option("--timeout <seconds>", "how long to wait", wholeNumber(1), 60)
    .action(
      acting<Options>(environment, async ({ desk }, { text, from, subject, externalId, wait, timeout }) => {
        const accepted = await desk.send<Accepted>("POST", "/v1/enquiries", {
          channel: "api",
          from: senderOf(from),
          text,
          ...(subject === undefined ? {} : { subject }),
          ...(externalId === undefined ? {} : { externalId }),
        });
        const { reference, ticketId } = accepted;
        if (wait !== true)
          return { json: accepted, text: `${reference} accepted (${ticketId}). See \`opsdesk story ${reference}\`.` };
        const outcome = await until(`disposition of ${reference}`, timeout, () => outcomeOf(desk, reference));
        return {
          json: { ...accepted, outcome },
          text: `${reference} accepted (${ticketId}).\n${outcomeText(outcome)}`,
        };
      }),
    );
};

/** `Name <address>`, an address, or a name. */
export function senderOf(from: string | undefined): { readonly name: string; readonly email?: string } {
  if (from === undefined) return { name: "Unknown" };
  const [, name = "", email] = /^\s*(.*?)\s*<([^@\s<>]+@[^@\s<>]+)>\s*$/.exec(from) ?? [];
  if (email !== undefined) return { name: name.replaceAll('"', "") || email, email };
  return /^[^@\s]+@[^@\s]+$/.test(from.trim()) ? { name: from.trim(), email: from.trim() } : { name: from };
}
