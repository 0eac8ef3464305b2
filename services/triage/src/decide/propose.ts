import type { NewEvent } from "@opsdesk/messaging/outcome";
import type { Evidence, Run, Sentence, Slot } from "@opsdesk/schemas/common";
import type { AiDraftProposed } from "@opsdesk/schemas/ai-draft-proposed";
import type { TicketTriaged } from "@opsdesk/schemas/ticket-triaged";
import { clip } from "./clip.ts";
import { newestMessage, unansweredText } from "./conversation.ts";
import { summarise } from "./summarise.ts";
import type { Ticket, Triage } from "./ticket.ts";

const CUSTOMER_TEXT_MAX = 4_000;
const SUMMARY_MAX = 600;
const SEARCH_TEXT_MAX = 4_000;

export interface Ending {
  readonly draftId: string;
  readonly conversationVersion: number;
  readonly outcome: AiDraftProposed["outcome"];
  readonly reason?: string;
  readonly triage: Triage | null;
  readonly evidence: readonly Evidence[];
  readonly draft?: {
    readonly templateId: string;
    readonly templateVersion: string;
    readonly sentences: readonly Sentence[];
    readonly slots: readonly Slot[];
  };
  readonly model: { readonly name: string; readonly promptVersion: string };
  readonly runs: readonly Run[];
}

/** For what ends before any model was asked. */
export const NO_MODEL = { name: "none", promptVersion: "none" } as const;

const place = (ticket: Ticket, conversationVersion: number) => ({
  ticketId: ticket.ticketId,
  reference: ticket.body.reference,
  aggregateVersion: ticket.body.aggregateVersion,
  conversationVersion,
});

/** The one event that ends a conversation version's triage. Self-sufficient: the gate decides from it alone. */
export function proposal(ticket: Ticket, ending: Ending): NewEvent {
  const { conversationVersion, draft, reason, triage } = ending;
  const { channel, customer, externalId, priority, source, subject } = ticket.body.facts;
  const words = newestMessage(ticket, conversationVersion);
  const data: AiDraftProposed = {
    ...place(ticket, conversationVersion),
    draftId: ending.draftId,
    outcome: ending.outcome,
    ...(reason === undefined ? {} : { reason }),
    source,
    externalId,
    channel,
    customer,
    subject,
    automatic: ticket.body.automatic,
    templateId: draft?.templateId ?? null,
    templateVersion: draft?.templateVersion ?? null,
    sentences: [...(draft?.sentences ?? [])],
    slots: [...(draft?.slots ?? [])],
    categoryId: triage?.categoryId ?? null,
    outOfScope: triage?.outOfScope ?? false,
    priority: triage?.priority ?? priority,
    summary: clip(
      triage?.summary ?? summarise(unansweredText(ticket, conversationVersion), subject, "und"),
      SUMMARY_MAX,
    ),
    ...(words === undefined ? {} : { customerText: clip(words, CUSTOMER_TEXT_MAX) }),
    missingInformation: triage?.missingInformation ?? [],
    risks: triage?.risks ?? [],
    confidence: triage?.confidence ?? 0,
    language: triage?.language ?? "und",
    evidence: [...ending.evidence],
    model: ending.model.name,
    promptVersion: ending.model.promptVersion,
    runs: [...ending.runs],
  };
  return { type: "ai.draft.proposed", key: ticket.ticketId, data };
}

export type Found = Omit<Triage, "ticketId" | "reference" | "aggregateVersion" | "conversationVersion">;

/** What triage found, for retrieval to go on with; and the same without runs, as this service keeps it. */
export function triaged(
  ticket: Ticket,
  conversationVersion: number,
  found: Found,
  run: Run,
): { readonly event: NewEvent; readonly triage: Triage } {
  const triage: Triage = { ...place(ticket, conversationVersion), ...found };
  const text = unansweredText(ticket, conversationVersion);
  const data: TicketTriaged = {
    ...triage,
    searchText: clip(`${ticket.body.facts.subject}\n${text}`, SEARCH_TEXT_MAX),
    runs: [run],
  };
  return { event: { type: "ticket.triaged", key: ticket.ticketId, data }, triage };
}
