import { RejectedError } from "@opsdesk/errors";
import PostalMime, { type Email } from "postal-mime";
import { textOfHtml } from "./html-text.ts";

/** An e-mail as far as a desk needs it. */
interface ParsedMail {
  readonly messageId: string | undefined;
  readonly inReplyTo: string | undefined;
  readonly references: readonly string[];
  readonly from: { readonly name: string; readonly email: string | undefined };
  readonly subject: string;
  readonly text: string;
  readonly date: string | undefined;
  /** Header names in lower case; of a repeated one the first. */
  readonly headers: ReadonlyMap<string, string>;
  /** The top-level media type with its parameters, for telling reports (bounces) from letters. */
  readonly contentType: string;
  readonly attachments: readonly {
    readonly name: string;
    readonly contentType: string;
    readonly content: Uint8Array;
  }[];
}

/** The port that reads `message/rfc822`. Throws RejectedError `email_invalid` for what is no e-mail. */
export interface MailParser {
  parse(raw: Uint8Array): Promise<ParsedMail>;
}

/** Limits keep a hostile letter (a thousand nested parts, a megabyte of headers) from holding the process. */
export const postalMimeParser: MailParser = {
  async parse(raw) {
    let email: Email;
    try {
      email = await PostalMime.parse(raw, {
        maxNestingDepth: 50,
        maxHeadersSize: 512 * 1024,
        attachmentEncoding: "arraybuffer",
      });
    } catch (error) {
      throw new RejectedError("email_invalid", "the e-mail could not be read", {
        cause: error,
        publicMessage: "The body must be one message/rfc822.",
      });
    }
    const headers = new Map<string, string>();
    for (const { key, value } of email.headers) if (!headers.has(key)) headers.set(key, value);
    const address = email.from;
    return {
      messageId: email.messageId,
      inReplyTo: idsOf(email.inReplyTo).at(-1),
      references: idsOf(email.references),
      from: { name: address?.name ?? "", email: address?.address },
      subject: email.subject ?? "",
      text: email.text ?? textOfHtml(email.html ?? ""),
      date: email.date,
      headers,
      contentType: headers.get("content-type") ?? "",
      attachments: email.attachments.map((attachment) => ({
        name: attachment.filename ?? "unnamed",
        contentType: attachment.mimeType,
        content: bytesOf(attachment.content),
      })),
    };
  },
};

const idsOf = (value: string | undefined): readonly string[] => value?.match(/<[^<>\s]+>/g) ?? [];

const bytesOf = (content: ArrayBuffer | Uint8Array | string): Uint8Array =>
  typeof content === "string"
    ? new TextEncoder().encode(content)
    : content instanceof Uint8Array
      ? content
      : new Uint8Array(content);
