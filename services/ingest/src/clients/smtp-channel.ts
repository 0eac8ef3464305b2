import { RejectedError, TransientError } from "@opsdesk/errors";
import { createTransport } from "nodemailer";
import type { Channel, OutgoingMail } from "./channel.ts";

/** Replies as e-mail. `from` is the address that answers come back to; `close` ends the connections. */
export function smtpChannel(options: { url: string; from: string }): Channel & { close: () => void } {
  const transport = createTransport({
    url: options.url,
    pool: true,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
  });
  return {
    async send(mail, signal) {
      signal.throwIfAborted();
      try {
        await transport.sendMail(toMessage(mail, options.from));
      } catch (error) {
        throw failure(error);
      }
    },
    close: () => transport.close(),
  };
}

/** Addresses are given as objects: a name with a comma or a line break stays a name. */
const toMessage = (mail: OutgoingMail, from: string) => ({
  from: { name: mail.fromName, address: from },
  to: { name: mail.to.name, address: mail.to.email ?? "" },
  subject: mail.subject,
  text: mail.text,
  messageId: mail.messageId,
  ...(mail.references.length === 0
    ? {}
    : { inReplyTo: mail.references.at(-1) ?? "", references: [...mail.references] }),
  headers: mail.automatic ? { "Auto-Submitted": "auto-replied" } : {},
  disableFileAccess: true,
  disableUrlAccess: true,
});

/** 5xx is a server's last word; everything else (4xx, no connection, time) may pass. */
function failure(error: unknown): Error {
  const status =
    typeof error === "object" && error !== null && "responseCode" in error ? Number(error.responseCode) : 0;
  const message = error instanceof Error ? error.message : String(error);
  if (status >= 500 && status < 600)
    return new RejectedError("channel_refused", `the mail server refused: ${status}`, { cause: error });
  return new TransientError("channel_unavailable", `the mail server did not take it: ${message}`, { cause: error });
}
