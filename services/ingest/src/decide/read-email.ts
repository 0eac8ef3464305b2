import { sha256Hex } from "@opsdesk/identity";
import type { EnquirySubmitted } from "@opsdesk/schemas/enquiry-submitted";
import { SOURCE_TEXT_BYTES_MAX, clipText, cut } from "./clip-text.ts";
import type { Refusal } from "./codes.ts";

/** An e-mail as its parser reads it: everything in it was written by a stranger. */
export interface Mail {
  readonly messageId: string | undefined;
  readonly inReplyTo: string | undefined;
  readonly references: readonly string[];
  readonly from: { readonly name: string; readonly email: string | undefined };
  readonly subject: string;
  readonly text: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly contentType: string;
}

type Attachments = NonNullable<EnquirySubmitted["attachments"]>;

const ID_MAX = 200;
const EMAIL = /^[^@\s]+@[^@\s]+$/;

/** The enquiry that an e-mail makes. `rawHash` names it where it has no Message-ID of its own. */
export function enquiryOfMail(mail: Mail, rawHash: string, attachments: Attachments): EnquirySubmitted | Refusal {
  const email = clean(mail.from.email ?? "").trim();
  if (!EMAIL.test(email) || email.length > 320)
    return { code: "email_invalid", message: "the e-mail has no sender address" };
  const subject = cut(clean(mail.subject), 320);
  const references = [
    ...new Set([...mail.references, ...(mail.inReplyTo === undefined ? [] : [mail.inReplyTo])].map(idOf)),
  ];
  return {
    channel: "email",
    from: { name: cut(clean(mail.from.name).trim(), 320) || email, email },
    ...(subject === "" ? {} : { subject }),
    // The letter itself is kept whole in the blob store, so nothing is lost where its words are too many.
    text: clipTo(clean(mail.text)),
    externalId:
      mail.messageId === undefined || mail.messageId.trim() === "" ? `sha256:${rawHash}` : idOf(mail.messageId.trim()),
    ...(references.length === 0 ? {} : { references: references.slice(-100) }),
    ...(isAutomatic(mail) ? { automatic: true } : {}),
    attachments: [...attachments],
  };
}

/** Whether a machine sent it (RFC 3834, bounces, mailing lists): such mail is stored and never answered by a machine. */
export function isAutomatic({ headers, from, contentType }: Mail): boolean {
  const header = (name: string): string => (headers.get(name) ?? "").trim().toLowerCase();
  const submitted = header("auto-submitted");
  if (submitted !== "" && !submitted.startsWith("no")) return true;
  if (/^(bulk|list|junk|auto_reply)\b/.test(header("precedence"))) return true;
  if (headers.has("return-path") && /^<\s*>$/.test(header("return-path"))) return true;
  if (
    headers.has("x-autoreply") ||
    headers.has("x-autorespond") ||
    headers.has("x-failed-recipients") ||
    headers.has("list-id")
  )
    return true;
  if (/^multipart\/report\b/i.test(contentType.trim())) return true;
  return /^(mailer-daemon|postmaster|no-?reply|do-?not-?reply)@/i.test(from.email ?? "");
}

/** Postgres keeps neither NUL nor half a surrogate pair; the letter itself still has them. */
const clean = (text: string): string => text.replaceAll("\0", "\uFFFD").toWellFormed();

const idOf = (id: string): string => {
  const safe = clean(id);
  return safe.length <= ID_MAX ? safe : `sha256:${sha256Hex(safe)}`;
};

const clipTo = (text: string): string => clipText(text, SOURCE_TEXT_BYTES_MAX, Number.POSITIVE_INFINITY).text;
