import type { Blobs } from "@opsdesk/blobs";
import { idFor, newId } from "@opsdesk/identity";
import type { Ports } from "@opsdesk/service";
import type { EnquirySubmitted } from "@opsdesk/schemas/enquiry-submitted";
import type { Receipt } from "../decide/accept-enquiry.ts";
import { clipText, isUnsafe } from "../decide/clip-text.ts";
import { contentTypeOf } from "../decide/content-type.ts";
import { submissionHashOf } from "../decide/enquiry-ids.ts";
import { type KnownMessageRow, submissionBy } from "../store/known-messages.ts";
import { answered, refused } from "./outcome.ts";

export interface Submit {
  readonly tenant: string;
  readonly source: string;
  readonly data: EnquirySubmitted;
  readonly requestKey: string | undefined;
}

/**
 * Takes in one enquiry and answers after commit. The same request key or external id again answers the same; with
 * other content it is refused (`external_id_reused`), whichever of the two was used before.
 */
export async function submit(
  { offer, database }: Ports,
  { tenant, source, data, requestKey }: Submit,
): Promise<Receipt> {
  if ([source, data.externalId ?? "", requestKey ?? ""].some(isUnsafe))
    throw refused("text_unsafe", "an id holds a NUL or half of a surrogate pair");
  const idempotencyKey =
    requestKey !== undefined
      ? `${tenant}:http:enquiry:${requestKey}`
      : data.externalId !== undefined
        ? `${tenant}:${source}:${data.externalId}`
        : `${tenant}:http:${newId()}`;
  const hash = submissionHashOf({ tenant, source, eventId: "", correlationId: "", data });
  // A request key names one enquiry whatever its source and external id; those of the handler's own look-up do not know it.
  const earlier =
    requestKey === undefined ? undefined : await submissionBy(database, tenant, { eventId: idFor(idempotencyKey) });
  if (earlier !== undefined) return same(earlier, hash);
  const result = answered(
    await offer({
      handler: "on-enquiry-submitted",
      type: "enquiry.submitted",
      tenant,
      source,
      data,
      contractData: { ...data, text: clipText(data.text).text },
      idempotencyKey,
      key: `${tenant}:${data.externalId ?? idempotencyKey}`,
    }),
  );
  // `on-enquiry-submitted` answers every enquiry that it takes in, or knows, with its receipt.
  if (result.status !== "duplicate") return result.reply as Receipt;
  const known =
    (await submissionBy(database, tenant, { eventId: result.eventId })) ??
    (data.externalId === undefined
      ? undefined
      : await submissionBy(database, tenant, { source, externalId: data.externalId }));
  if (known === undefined)
    throw refused("external_id_reused", "this key was used before, for something that was not accepted");
  return same(known, hash);
}

function same(known: KnownMessageRow, hash: string): Receipt {
  if (known.submissionHash !== hash)
    throw refused("external_id_reused", "this key or external id was used before, with other content");
  return known;
}

const NAME_MAX = 320;

/** Keeps a file and says what it is by its bytes. */
export async function keepFile(
  blobs: Blobs,
  tenant: string,
  file: { name: string; content: Uint8Array; contentType?: string },
): Promise<NonNullable<EnquirySubmitted["attachments"]>[number]> {
  const kept = await blobs.put(tenant, file.content);
  const name = file.name.replaceAll("\0", "\uFFFD").toWellFormed().slice(0, NAME_MAX).toWellFormed();
  return {
    name: name === "" ? "unnamed" : name,
    blob: { ...kept, contentType: file.contentType ?? contentTypeOf(file.content) },
  };
}
