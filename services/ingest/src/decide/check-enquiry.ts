import type { Customer } from "@opsdesk/schemas/common";
import { isUnsafe, SOURCE_TEXT_BYTES_MAX, utf8Length } from "./clip-text.ts";
import type { Refusal } from "./codes.ts";
import { customerIdOf, type Submission } from "./enquiry-ids.ts";

/** What a schema cannot say of an enquiry. */
export function checkEnquiry({ tenant, source, data }: Submission): Refusal | undefined {
  const foreign = (data.attachments ?? []).find(({ blob }) => blob.ref !== `${tenant}/${blob.sha256}`);
  // A reference from outside could name another business's content.
  if (foreign !== undefined)
    return {
      code: "attachment_foreign",
      message: "an attachment's reference must be this business's own: <tenant>/<sha256>",
    };
  const { text } = data;
  const { name, email = "", phone = "" } = data.from;
  const small = [
    source,
    name,
    email,
    phone,
    data.subject ?? "",
    data.externalId ?? "",
    ...(data.references ?? []),
    ...(data.attachments ?? []).map((one) => one.name),
  ];
  if (isUnsafe(text) || small.some(isUnsafe))
    return { code: "text_unsafe", message: "a text holds a NUL or half of a surrogate pair, which no store keeps" };
  if (utf8Length(text) > SOURCE_TEXT_BYTES_MAX)
    return { code: "text_too_large", message: "the text is larger than 1 MiB" };
  if (text.trim() === "" && (data.subject ?? "").trim() === "" && (data.attachments ?? []).length === 0)
    return { code: "text_missing", message: "neither subject nor text nor an attachment says anything" };
  return undefined;
}

export function customerOf({ tenant, data }: Submission, ticketId: string): Customer {
  const { name, email, phone } = data.from;
  return {
    id: customerIdOf(tenant, data.from, ticketId),
    name,
    ...(email === undefined ? {} : { email }),
    ...(phone === undefined ? {} : { phone }),
  };
}
