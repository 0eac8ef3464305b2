import { type NewEvent, type Outcome, done, ignore, reject } from "@opsdesk/messaging/outcome";
import { prefixedId, sha256Hex } from "@opsdesk/identity";
import type { EnquiryAccepted } from "@opsdesk/schemas/enquiry-accepted";
import type { EnquiryRejected } from "@opsdesk/schemas/enquiry-rejected";
import type { TicketCreated } from "@opsdesk/schemas/ticket-created";
import { type TicketRows, fold, keyOf } from "./book.ts";
import { checkEnquiry, customerOf } from "./check-enquiry.ts";
import { isUnsafe } from "./clip-text.ts";
import type { Refusal } from "./codes.ts";
import { continueTicket } from "./continue-ticket.ts";
import { type Submission, messageIdOf, namesOf, referenceNames, submissionHashOf, ticketIdOf } from "./enquiry-ids.ts";
import type { Business, EnquiryState, KnownMessage } from "./enquiry-state.ts";
import { messageOf } from "./post-message.ts";
import { NOTHING_SAID, type SaidBefore } from "./said-before.ts";
import { type StoredDocument, type StoredMessage, type Ticket, minutesAfter, refOf } from "./ticket.ts";

/** What whoever submitted is told, the same however often they ask. */
export interface Receipt {
  readonly ticketId: string;
  readonly reference: string;
  readonly correlationId: string;
  readonly messageId: string;
}

const receiptOf = ({ ticketId, reference, correlationId, messageId }: Receipt): Receipt => ({
  ticketId,
  reference,
  correlationId,
  messageId,
});

/**
 * An enquiry becomes a ticket, or a message of the ticket that it answers. The text is kept exactly as it came.
 * Nothing is deduplicated by its text: only the sender's own id says "the same again".
 */
export function acceptEnquiry(
  submission: Submission,
  state: EnquiryState,
  now: string,
  before: Pick<SaidBefore, "referenceOf"> = NOTHING_SAID,
): Outcome<TicketRows> {
  const { tenant, data } = submission;
  const business = state.businesses.get(tenant);
  if (business === undefined)
    return refuse(submission, { code: "business_unknown", message: `there is no business ${tenant}` });
  const refusal = checkEnquiry(submission);
  if (refusal !== undefined) return refuse(submission, refusal);

  const submissionHash = submissionHashOf(submission);
  const known = state.known.get(keyOf(tenant, messageIdOf(submission)));
  if (known !== undefined) {
    if (known.submissionHash === submissionHash) return ignore("already_accepted", receiptOf(known));
    return refuse(submission, { code: "external_id_reused", message: "this id was used before, with other content" });
  }

  const thread = threadOf(submission, state);
  const ticketId = thread?.ticketId ?? ticketIdOf(submission);
  const at = data.receivedAt ?? now;
  const message: StoredMessage = {
    tenant,
    messageId: messageIdOf(submission),
    ticketId,
    kind: "customer",
    author: { kind: "person", id: customerOf(submission, ticketId).id, name: data.from.name },
    source: submission.source,
    externalId: data.externalId ?? null,
    submissionId: submission.eventId,
    submissionHash,
    correlationId: submission.correlationId,
    sourceText: data.text,
    textHash: sha256Hex(data.text),
    fullTextRef: state.fullTextRefs.get(submission.eventId) ?? null,
    automatic: data.automatic ?? false,
    conversationVersion: (thread?.conversationVersion ?? 0) + 1,
    state: null,
    origin: null,
    draftId: null,
    channelMessageId: null,
    sendAfter: null,
    at,
  };
  const documents = documentsOf(submission, message);
  if (thread !== undefined) {
    const continued = continueTicket(thread, state, message, business, now);
    return done({
      rows: { ...continued.rows, documents },
      events: [accepted(submission, continued.ticket, message, "message_added"), ...continued.events],
      reply: receiptOf({ ...continued.ticket, correlationId: submission.correlationId, messageId: message.messageId }),
    });
  }
  const told = before.referenceOf(ticketId);
  const ticket = openTicket(submission, told ?? `${business.referencePrefix}${business.nextNumber}`, {
    business,
    message,
    now,
  });
  return done({
    rows: {
      tickets: [ticket],
      messages: [message],
      documents,
      // A number that was given before comes out of no counter; none that is still to be given is among those.
      counter: { tenant, nextNumber: business.nextNumber + (told === undefined ? 1 : 0) },
    },
    events: [accepted(submission, ticket, message, "ticket_created"), created(ticket, message, business)],
    reply: receiptOf({ ...ticket, messageId: message.messageId }),
  });
}

/** What the next enquiry of the batch sees: the number is taken, the message known, the ticket there. */
export function foldEnquiry(state: EnquiryState, rows: TicketRows): EnquiryState {
  const { counter, messages = [], tickets = [] } = rows;
  const business = counter === undefined ? undefined : state.businesses.get(counter.tenant);
  if (counter !== undefined && business !== undefined)
    state.businesses.set(counter.tenant, { ...business, nextNumber: counter.nextNumber });
  for (const message of messages) {
    const reference = tickets.find((ticket) => ticket.ticketId === message.ticketId)?.reference ?? "";
    for (const name of namesOf(message)) state.known.set(name, { ...message, reference });
  }
  return fold(state, rows);
}

/** The ticket that a message continues: the nearest of its references that is known, followed through merges. */
function threadOf({ tenant, source, data }: Submission, state: EnquiryState): Ticket | undefined {
  const names = (data.references ?? []).toReversed().flatMap((reference) => referenceNames(tenant, source, reference));
  const parent: KnownMessage | undefined = names
    .map((name) => state.known.get(name))
    .find((known) => known !== undefined);
  let ticket = parent === undefined ? undefined : state.tickets.get(keyOf(tenant, parent.ticketId));
  // Merges cannot form a circle, but a bound costs nothing and a circle would hang the batch.
  for (let hops = 0; hops < 10 && ticket !== undefined && ticket.mergedInto !== null; hops += 1)
    ticket = state.tickets.get(keyOf(tenant, ticket.mergedInto));
  return ticket;
}

function openTicket(
  submission: Submission,
  reference: string,
  { business, message, now }: { readonly business: Business; readonly message: StoredMessage; readonly now: string },
): Ticket {
  const { tenant, data } = submission;
  return {
    tenant,
    ticketId: message.ticketId,
    reference,
    source: submission.source,
    externalId: data.externalId ?? null,
    correlationId: submission.correlationId,
    channel: data.channel,
    customer: customerOf(submission, message.ticketId),
    subject: data.subject ?? "",
    status: "open",
    priority: "normal",
    priorityBy: "rule",
    categoryId: null,
    categoryBy: "rule",
    assigneeId: null,
    snoozedUntil: null,
    mergedInto: null,
    responseDueAt: minutesAfter(now, business.desk.responseTargets.normal),
    respondedAt: null,
    triagedVersion: 0,
    lastMessageId: message.messageId,
    lastMessageKind: "customer",
    lastCustomerAutomatic: message.automatic,
    aggregateVersion: 1,
    conversationVersion: 1,
    loadedVersion: null,
    createdAt: now,
    updatedAt: now,
  };
}

const documentsOf = ({ tenant, data }: Submission, message: StoredMessage): readonly StoredDocument[] =>
  (data.attachments ?? []).map(({ name, blob }, index) => ({
    tenant,
    documentId: prefixedId("doc", `${message.messageId}:${index}`),
    ticketId: message.ticketId,
    messageId: message.messageId,
    name,
    blobRef: blob.ref,
    sha256: blob.sha256,
    bytes: blob.bytes,
    contentType: blob.contentType,
    at: message.at,
  }));

const accepted = (
  { source, data }: Submission,
  ticket: Ticket,
  message: StoredMessage,
  outcome: EnquiryAccepted["outcome"],
): NewEvent => ({
  type: "enquiry.accepted",
  key: ticket.ticketId,
  data: {
    ...refOf(ticket),
    source,
    externalId: data.externalId ?? null,
    messageId: message.messageId,
    outcome,
  } satisfies EnquiryAccepted,
});

const created = (ticket: Ticket, message: StoredMessage, business: Business): NewEvent => ({
  type: "ticket.created",
  key: ticket.ticketId,
  data: {
    ...refOf(ticket),
    source: ticket.source,
    externalId: ticket.externalId,
    channel: ticket.channel,
    customer: ticket.customer,
    subject: ticket.subject,
    status: ticket.status,
    priority: ticket.priority,
    message: messageOf(message),
    responseDueAt: ticket.responseDueAt,
    deskVersion: business.version,
  } satisfies TicketCreated,
});

/** A dead letter for operators, and an event for whoever sent it. */
function refuse({ tenant, data, ...submission }: Submission, { code, message }: Refusal): Outcome<never> {
  // What made it refused must not travel on: no store keeps half a character.
  const externalId = data.externalId === undefined || isUnsafe(data.externalId) ? null : data.externalId;
  const source = isUnsafe(submission.source) ? "unreadable" : submission.source;
  const refused: EnquiryRejected = { source, externalId, reasons: [{ code, message }] };
  return reject(code, message, {
    events: [{ type: "enquiry.rejected", key: `${tenant}:${externalId ?? source}`, data: refused }],
  });
}
