import type { Blobs } from "@opsdesk/blobs";
import type { Read } from "@opsdesk/database";
import { type AnyHandler, type EventOf, handler } from "@opsdesk/messaging";
import { acceptEnquiry, foldEnquiry } from "../decide/accept-enquiry.ts";
import { type TicketRows, keyOf } from "../decide/book.ts";
import { clipText, isUnsafe } from "../decide/clip-text.ts";
import { type Submission, messageIdOf, namesOf, referenceNames } from "../decide/enquiry-ids.ts";
import type { EnquiryState } from "../decide/enquiry-state.ts";
import type { SaidBefore } from "../decide/said-before.ts";
import type { Businesses } from "../store/businesses.ts";
import { knownMessages } from "../store/known-messages.ts";
import { saveTickets } from "../store/save-tickets.ts";
import { loadBook } from "./load-book.ts";

type Submitted = EventOf<"enquiry.submitted">;

const submissionOf = (event: Submitted): Submission => ({
  tenant: event.tenantid,
  source: event.source,
  eventId: event.id,
  correlationId: event.correlationid,
  data: event.data,
});

export const onEnquirySubmitted = (businesses: Businesses, blobs: Blobs, before: SaidBefore): AnyHandler =>
  handler<"enquiry.submitted", EnquiryState, TicketRows>("enquiry.submitted", {
    load: (read, events) => load(read, businesses, blobs, events.map(submissionOf)),
    decide: (event, state, { now }) => acceptEnquiry(submissionOf(event), state, now, before),
    evolve: foldEnquiry,
    save: saveTickets,
  });

async function load(
  read: Read,
  businesses: Businesses,
  blobs: Blobs,
  all: readonly Submission[],
): Promise<EnquiryState> {
  // Postgres takes no NUL in a parameter: what is refused for its characters is not looked up either.
  const submissions = all.filter(
    ({ source, data }) => ![source, data.externalId ?? "", ...(data.references ?? [])].some(isUnsafe),
  );
  const references = submissions.flatMap(({ tenant, source, data }) =>
    (data.references ?? []).map((reference) => ({ tenant, source, reference })),
  );
  const messages = await knownMessages(
    read,
    submissions.map((submission) => ({ tenant: submission.tenant, messageId: messageIdOf(submission) })),
    references,
  );
  const known = new Map(messages.flatMap((message) => namesOf(message).map((name) => [name, message] as const)));
  const threads = references.flatMap(({ tenant, source, reference }) =>
    referenceNames(tenant, source, reference).flatMap((name) => known.get(name) ?? []),
  );
  const book =
    threads.length === 0
      ? { tickets: new Map(), drafts: new Map() }
      : await loadBook(
          read,
          threads.map(({ tenant, ticketId }) => ({ tenant, id: ticketId })),
        );

  const counts = new Map<string, number>();
  for (const { tenant } of all) counts.set(tenant, 0);
  for (const submission of submissions) {
    const isNew = !known.has(keyOf(submission.tenant, messageIdOf(submission)));
    if (isNew) counts.set(submission.tenant, (counts.get(submission.tenant) ?? 0) + 1);
  }
  return {
    ...book,
    businesses: new Map(await businesses.withNumbers(read, counts)),
    known,
    fullTextRefs: await keepLongTexts(blobs, submissions),
  };
}

/** Events carry the beginning of a long text and say where the rest is; the same text is one blob, however often it is put. */
async function keepLongTexts(blobs: Blobs, submissions: readonly Submission[]): Promise<ReadonlyMap<string, string>> {
  const refs = new Map<string, string>();
  for (const { tenant, eventId, data } of submissions) {
    if (isUnsafe(data.text) || !clipText(data.text).truncated) continue;
    const { ref } = await blobs.put(tenant, new TextEncoder().encode(data.text));
    refs.set(eventId, ref);
  }
  return refs;
}
