import type { Desk } from "@opsdesk/schemas/desk";
import type { Book } from "./book.ts";
import { fold } from "./book.ts";
import { emptyDesk } from "./empty-desk.ts";
import type { DeskView } from "./desk-view.ts";
import type { Draft, Ticket } from "./ticket.ts";

/** Values for tests: a ticket that waits for its first answer, and a draft for it. */
export const NOW = "2026-03-02T14:00:00.000Z";

export const aTicket = (changes: Partial<Ticket> = {}): Ticket => ({
  tenant: "it-helpdesk",
  ticketId: "tkt_1",
  reference: "OD-1025",
  source: "api",
  externalId: "crm-1",
  correlationId: "cor_1",
  channel: "email",
  customer: { id: "cus_1", name: "Sam Okoro", email: "sam@corp.example" },
  subject: "Wi-Fi",
  status: "open",
  priority: "normal",
  priorityBy: "rule",
  categoryId: null,
  categoryBy: "rule",
  assigneeId: null,
  snoozedUntil: null,
  mergedInto: null,
  responseDueAt: "2026-03-02T20:00:00.000Z",
  respondedAt: null,
  triagedVersion: 0,
  lastMessageId: "msg_1",
  lastMessageKind: "customer",
  lastCustomerAutomatic: false,
  aggregateVersion: 4,
  conversationVersion: 1,
  loadedVersion: 7,
  createdAt: "2026-03-02T12:00:00.000Z",
  updatedAt: "2026-03-02T12:00:00.000Z",
  ...changes,
});

export const aDraft = (changes: Partial<Draft> = {}): Draft => ({
  tenant: "it-helpdesk",
  draftId: "drf_1",
  ticketId: "tkt_1",
  conversationVersion: 1,
  outcome: "proposed",
  state: "pending",
  retiredReason: null,
  templateId: "wifi",
  sentences: [{ text: "Join it again.", source: "template", citations: [] }],
  cites: [{ sourceId: "wifi-playbook", version: 1 }],
  proposedAt: "2026-03-02T13:00:00.000Z",
  settledAt: null,
  ...changes,
});

export const aDesk = (changes: Partial<Desk> = {}): DeskView => ({
  tenant: "it-helpdesk",
  version: 2,
  desk: {
    ...emptyDesk({ id: "it-helpdesk", name: "Harbour IT", locale: "en", timeZone: "UTC" }, []),
    people: [
      { id: "priya", name: "Priya Nair", role: "reviewer" },
      { id: "dan", name: "Dan Webb", role: "drafter" },
      { id: "vera", name: "Vera Lind", role: "viewer" },
    ],
    categories: [{ id: "network", name: "Network", description: "", ownerId: "priya", priority: "normal", asks: [] }],
    leadId: "priya",
    ...changes,
  },
});

export const aBook = (tickets: readonly Ticket[], drafts: readonly Draft[] = []): Book =>
  fold({ tickets: new Map(), drafts: new Map() }, { tickets, drafts });
