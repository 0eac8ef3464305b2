import { prefixedId } from "@opsdesk/identity";
import { type Outcome, defer, done, ignore } from "@opsdesk/messaging/outcome";
import type { DocumentExtracted } from "@opsdesk/schemas/document-extracted";
import type { TicketCreated } from "@opsdesk/schemas/ticket-created";
import type { TicketMessageAdded } from "@opsdesk/schemas/ticket-message-added";
import type { Desk } from "@opsdesk/schemas/desk";
import { withPart } from "./conversation.ts";
import { NO_MODEL, proposal } from "./propose.ts";
import type { Part, Ticket } from "./ticket.ts";
import { type NewTurn, turnJob } from "./turn.ts";

/** What an event of a ticket changes: the ticket as it is from now on, and the turn that begins, if one does. */
export interface TicketRows {
  readonly ticket: Ticket;
  readonly isNew: boolean;
  readonly turn?: NewTurn;
}

/** Who asks, and what is known. `desk` is undefined until its first `desk.configured` has arrived. */
export interface Known {
  readonly tenant: string;
  readonly eventId: string;
  readonly desk: Desk | undefined;
  readonly deskVersion: number;
  readonly ticket: Ticket | undefined;
  /** Whether the event's conversation version already has a turn. */
  readonly turnKnown: boolean;
}

const RETRY_AFTER_SECONDS = 5;
const GIVE_UP_AFTER_SECONDS = 600;

export const awaitTicket = (ticketId: string): Outcome<never> =>
  defer("ticket_not_known", {
    until: `ticket:${ticketId}`,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    giveUpAfterSeconds: GIVE_UP_AFTER_SECONDS,
  });

export const awaitDesk = (tenant: string): Outcome<never> =>
  defer("desk_not_configured", {
    until: `desk:${tenant}`,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    giveUpAfterSeconds: GIVE_UP_AFTER_SECONDS,
  });

/**
 * Begins a turn: one `triage.ticket` job; where the desk keeps AI off the turn ends at once, explained.
 * A version that is outdated already gets its job too, which ends it as superseded: none is left without an answer.
 */
function begin(
  ticket: Ticket,
  conversationVersion: number,
  isNew: boolean,
  { desk, eventId, tenant }: Known,
): Outcome<TicketRows> {
  if (desk === undefined) return awaitDesk(tenant);
  const wakes = isNew ? [`ticket:${ticket.ticketId}`] : [];
  const at = { tenant, ticketId: ticket.ticketId, conversationVersion };
  if (desk.ai.enabled)
    return done({
      rows: { ticket, isNew, turn: { ...at, stage: "received", draftId: null, outcome: null } },
      jobs: [turnJob("triage.ticket", ticket.ticketId, conversationVersion, 1)],
      wakes,
    });
  const draftId = prefixedId("drf", eventId);
  return done({
    rows: { ticket, isNew, turn: { ...at, stage: "ended", draftId, outcome: "not_run" } },
    events: [
      proposal(ticket, {
        draftId,
        conversationVersion,
        outcome: "not_run",
        reason: "ai_disabled",
        triage: null,
        evidence: [],
        model: NO_MODEL,
        runs: [],
      }),
    ],
    wakes,
  });
}

/** A new ticket is remembered, and its first turn begins. */
export function startTriage(created: TicketCreated, known: Known): Outcome<TicketRows> {
  if (known.ticket !== undefined) return ignore("ticket_already_known");
  // The desk that it came in by travels by another topic: by an older one it could meet categories that are gone.
  if (known.deskVersion < created.deskVersion) return awaitDesk(known.tenant);
  const { channel, customer, externalId, message, priority, source, subject } = created;
  const ticket: Ticket = {
    tenant: known.tenant,
    ticketId: created.ticketId,
    revision: 0,
    conversationVersion: created.conversationVersion,
    closed: created.status === "closed",
    body: {
      reference: created.reference,
      aggregateVersion: created.aggregateVersion,
      facts: { source, externalId, channel, customer, subject, priority },
      automatic: message.automatic,
      parts:
        message.kind === "customer"
          ? withPart([], { version: created.conversationVersion, kind: "customer", text: message.text })
          : [],
      answeredVersion: 0,
      statusVersion: created.aggregateVersion,
    },
  };
  return begin(ticket, created.conversationVersion, true, known);
}

type Place = Pick<TicketCreated, "aggregateVersion" | "conversationVersion">;

/** The ticket after an event of its conversation. Versions only rise, in whatever order events come. */
function moved(
  ticket: Ticket,
  { aggregateVersion, conversationVersion }: Place,
  body: Partial<Ticket["body"]>,
): Ticket {
  return {
    ...ticket,
    conversationVersion: Math.max(ticket.conversationVersion, conversationVersion),
    body: { ...ticket.body, aggregateVersion: Math.max(ticket.body.aggregateVersion, aggregateVersion), ...body },
  };
}

/** A customer who writes again opens the ticket again. */
function reopened(ticket: Ticket, { aggregateVersion }: Place): Ticket {
  if (aggregateVersion <= ticket.body.statusVersion) return ticket;
  return { ...ticket, closed: false, body: { ...ticket.body, statusVersion: aggregateVersion } };
}

function continued(
  at: Place,
  part: Part,
  change: Partial<Ticket["body"]>,
  ticket: Ticket,
  known: Known,
): Outcome<TicketRows> {
  if (known.turnKnown) return ignore("turn_already_known");
  const next = moved(ticket, at, { ...change, parts: withPart(ticket.body.parts, part) });
  return begin(reopened(next, at), at.conversationVersion, false, known);
}

/** A customer's message begins a turn; a reply answers what was written before it; a note changes nothing. */
export function continueConversation(added: TicketMessageAdded, known: Known): Outcome<TicketRows> {
  const { conversationVersion, message } = added;
  if (message.kind === "note") return ignore("note");
  const { ticket } = known;
  if (ticket === undefined) return awaitTicket(added.ticketId);
  if (message.kind === "reply")
    return done({
      rows: {
        ticket: moved(ticket, added, { answeredVersion: Math.max(ticket.body.answeredVersion, conversationVersion) }),
        isNew: false,
      },
    });
  const isNewest = ticket.body.parts.every((part) => part.kind !== "customer" || part.version < conversationVersion);
  const change = isNewest ? { automatic: message.automatic } : {};
  return continued(
    added,
    { version: conversationVersion, kind: "customer", text: message.text },
    change,
    ticket,
    known,
  );
}

/** A document that has been read is part of the conversation: triage begins again with it. */
export function readDocument(extracted: DocumentExtracted, known: Known): Outcome<TicketRows> {
  if (known.ticket === undefined) return awaitTicket(extracted.ticketId);
  return continued(
    extracted,
    { version: extracted.conversationVersion, kind: "document", text: extracted.text },
    {},
    known.ticket,
    known,
  );
}
