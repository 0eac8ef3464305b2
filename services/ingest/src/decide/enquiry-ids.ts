import { contentHash, prefixedId, sha256Hex } from "@opsdesk/identity";
import type { EnquirySubmitted } from "@opsdesk/schemas/enquiry-submitted";
import { keyOf } from "./book.ts";
import type { KnownMessage } from "./enquiry-state.ts";

/** The content type of the attachment that is a whole e-mail as it came in. */
export const RAW_MAIL_TYPE = "message/rfc822; role=raw";

/** An enquiry as it came, with what its envelope says of it. */
export interface Submission {
  readonly tenant: string;
  readonly source: string;
  readonly eventId: string;
  readonly correlationId: string;
  readonly data: EnquirySubmitted;
}

const nameOf = ({ tenant, source, eventId, data }: Submission): string =>
  `${tenant}:${source}:${data.externalId ?? eventId}`;

export const ticketIdOf = (submission: Submission): string => prefixedId("tkt", nameOf(submission));
export const messageIdOf = (submission: Submission): string => prefixedId("msg", nameOf(submission));

/** An e-mail address says who someone is, a telephone number only where there is no address, and a name never. */
export function customerIdOf(tenant: string, from: EnquirySubmitted["from"], ticketId: string): string {
  if (from.email !== undefined) return prefixedId("cus", `${tenant}:email:${normalEmail(from.email)}`);
  const phone = from.phone === undefined ? "" : normalPhone(from.phone);
  return prefixedId("cus", phone === "" ? `${tenant}:ticket:${ticketId}` : `${tenant}:phone:${phone}`);
}

const normalEmail = (email: string): string => email.trim().toLowerCase();
const normalPhone = (phone: string): string => phone.replaceAll(/[^\d+]/g, "");

/**
 * The hash of everything that was submitted: equal means "the same again". When it was received is left out,
 * because a sender that tries again may say a later time.
 */
export function submissionHashOf({ source, data }: Submission): string {
  const { receivedAt: _, text, attachments = [], ...rest } = data;
  return contentHash({
    ...rest,
    source,
    text: sha256Hex(text),
    // The letter itself is left out: each server on its way adds a line to it.
    attachments: attachments
      .filter(({ blob }) => blob.contentType !== RAW_MAIL_TYPE)
      .map(({ name, blob }) => ({ name, sha256: blob.sha256 })),
  });
}

/** How later messages call an earlier one: by its external id within a source, by the Message-ID it left with, or by our id. */
export const namesOf = (
  message: Pick<KnownMessage, "tenant" | "messageId" | "source" | "externalId" | "channelMessageId">,
): readonly string[] => [
  keyOf(message.tenant, message.messageId),
  ...(message.source === null || message.externalId === null
    ? []
    : [keyOf(message.tenant, `${message.source}\n${message.externalId}`)]),
  ...(message.channelMessageId === null ? [] : [keyOf(message.tenant, message.channelMessageId)]),
];

/** The names under which a reference may be known, most specific first. */
export const referenceNames = (tenant: string, source: string, reference: string): readonly string[] => [
  keyOf(tenant, `${source}\n${reference}`),
  keyOf(tenant, reference),
];
