import { sha256Hex } from "@opsdesk/identity";
import type { Evidence } from "@opsdesk/schemas/common";
import type { ContextRetrieved } from "@opsdesk/schemas/context-retrieved";
import type { Desk } from "@opsdesk/schemas/desk";
import type { TicketCreated } from "@opsdesk/schemas/ticket-created";
import type { TicketMessageAdded } from "@opsdesk/schemas/ticket-message-added";
import type { DraftInput, TriageInput } from "../decide/model.ts";
import type { Ticket } from "../decide/ticket.ts";
import type { Turn } from "../decide/turn.ts";

/** A small desk, its knowledge and its tickets, for tests. */
export const WIFI_TEXT =
  "# Wi-Fi drops\n\nWi-Fi that drops at the same time every day is rarely a fault of the laptop. A renewal of the DHCP lease that fails drops the connection for a minute.\n\n- Restart the laptop.";

const hash = (text: string): string => sha256Hex(text);

export const aDesk = (change: Partial<Desk> = {}): Desk => ({
  business: {
    id: "acme",
    name: "Acme Help",
    locale: "en-GB",
    timeZone: "Europe/London",
    referencePrefix: "AC-",
    firstNumber: 1,
    signature: "Your Acme team",
  },
  ai: { enabled: true },
  teams: [],
  people: [
    { id: "lea", name: "Lea Lead", role: "admin" },
    { id: "olu", name: "Olu Owner", role: "reviewer" },
  ],
  leadId: "lea",
  responseTargets: { low: 2_880, normal: 480, high: 120, urgent: 30 },
  signals: [
    {
      id: "asks-for-a-call",
      phrases: ["call me", "rückruf"],
      risk: "phone_contact",
      detail: "The customer asks to be telephoned.",
    },
    {
      id: "says-urgent",
      phrases: ["urgent", "urgently"],
      risk: "urgent",
      priority: "urgent",
      detail: "The customer says it is urgent.",
    },
  ],
  categories: [
    {
      id: "network",
      name: "Network",
      description: "Wi-Fi and cables",
      ownerId: "olu",
      priority: "normal",
      asks: [
        {
          id: "floor",
          question: "Which building and floor?",
          foundBy: { phrases: ["floor", "building"], identifiers: [] },
        },
        {
          id: "device",
          question: "Which device, with its asset tag?",
          foundBy: { phrases: [], identifiers: ["asset_tag"] },
        },
      ],
    },
    { id: "printer", name: "Printer", description: "Printing", ownerId: "olu", priority: "low", asks: [] },
  ],
  templates: [
    {
      id: "wifi-drops",
      categoryId: "network",
      title: "Wi-Fi that drops",
      locale: "en",
      body: "Hello {{customer_name}},\n\nWi-Fi that drops at the same time every day is rarely a fault of the laptop. Please tell us more.\n\n{{likely_cause}}\n\nYour reference is {{reference}}.\n\nKind regards,\n{{desk_name}}",
      slots: [
        { name: "customer_name", provenance: "system", required: true },
        { name: "reference", provenance: "system", required: true },
        { name: "desk_name", provenance: "system", required: true },
        { name: "likely_cause", provenance: "knowledge", required: false, about: ["DHCP lease"] },
      ],
      grounds: ["wifi-playbook"],
      version: hash("wifi-drops"),
    },
  ],
  policy: {
    autoSend: { enabled: false, categories: [], capPerCustomerPerDay: 1, capPerHour: 1 },
    vetoRisks: [],
    groundednessMin: 0.5,
    evidenceMin: 1,
    undoSeconds: 0,
    linkHours: 24,
  },
  endpoints: [],
  scenarios: [],
  apiKeys: [],
  ...change,
});

export const anEvidence = (
  change: { text?: string; sourceId?: string; kind?: Evidence["kind"]; chunkId?: string } = {},
): Evidence => {
  const { chunkId = "chk_1", kind = "playbook", sourceId = "wifi-playbook", text = WIFI_TEXT } = change;
  return {
    citation: {
      sourceId,
      version: 1,
      chunkId,
      start: 0,
      end: text.length,
      quoteHash: hash(text),
      title: "Wi-Fi playbook",
      uri: "knowledge/wifi.md",
    },
    text,
    kind,
    section: "",
    score: 1,
    legs: ["dense"],
  };
};

const at = "2026-11-22T14:00:00.000Z";
const message = (text: string, kind: "customer" | "reply" | "note" = "customer"): TicketCreated["message"] => ({
  id: `msg_${hash(text).slice(0, 8)}`,
  kind,
  author: { kind: kind === "customer" ? "system" : "person", id: "someone" },
  text,
  textHash: hash(text),
  truncated: false,
  at,
  automatic: false,
});

export const aTicketCreated = (text: string, change: Partial<TicketCreated> = {}): TicketCreated => ({
  ticketId: "tkt_1",
  reference: "AC-1",
  aggregateVersion: 1,
  conversationVersion: 1,
  source: "crm",
  externalId: "x1",
  channel: "email",
  customer: { id: "cus_1", name: "Dana Okafor", email: "dana@example.com" },
  subject: "Wi-Fi",
  status: "open",
  priority: "normal",
  message: message(text),
  responseDueAt: at,
  deskVersion: 1,
  ...change,
});

export const aMessageAdded = (
  text: string,
  version: number,
  kind: "customer" | "reply" | "note" = "customer",
): TicketMessageAdded => ({
  ticketId: "tkt_1",
  reference: "AC-1",
  aggregateVersion: version,
  conversationVersion: version,
  subject: "Wi-Fi",
  message: message(text, kind),
});

export const aContext = (change: Partial<ContextRetrieved> = {}): ContextRetrieved => ({
  ticketId: "tkt_1",
  reference: "AC-1",
  aggregateVersion: 1,
  conversationVersion: 1,
  outcome: "found",
  evidence: [anEvidence()],
  retrievalPolicy: "rp-1",
  runs: [],
  ...change,
});

export const aTicket = (texts: readonly string[] = ["The Wi-Fi drops."], change: Partial<Ticket> = {}): Ticket => ({
  tenant: "acme",
  ticketId: "tkt_1",
  revision: 1,
  conversationVersion: texts.length,
  closed: false,
  ...change,
  body: {
    reference: "AC-1",
    aggregateVersion: texts.length,
    facts: {
      source: "crm",
      externalId: "x1",
      channel: "email",
      customer: { id: "cus_1", name: "Dana Okafor" },
      subject: "Wi-Fi",
      priority: "normal",
    },
    automatic: false,
    parts: texts.map((text, i) => ({ version: i + 1, kind: "customer" as const, text })),
    answeredVersion: 0,
    statusVersion: 1,
    ...change.body,
  },
});

export const aTurn = (change: Partial<Turn> = {}): Turn => ({
  tenant: "acme",
  ticketId: "tkt_1",
  conversationVersion: 1,
  round: 1,
  stage: "received",
  triage: null,
  retrieval: null,
  evidence: null,
  draftId: null,
  ...change,
});

/** Enough to tell two categories apart. */
export const EXAMPLES: readonly { readonly text: string; readonly categoryId: string }[] = [
  ...[
    "The Wi-Fi drops every afternoon",
    "No wireless connection on floor two",
    "Wi-Fi keeps disconnecting",
    "The network is slow over Wi-Fi",
    "My laptop loses the Wi-Fi",
    "Wireless drops at 2 pm",
    "The network cable has no connection",
    "Internet connection drops in meetings",
  ].map((text) => ({ text, categoryId: "network" })),
  ...[
    "The printer is jammed",
    "Printer prints empty pages",
    "We are out of toner",
    "My print job stays in the queue",
    "Paper jam in the copier",
    "The printer is offline",
    "Colours come out wrong when printing",
    "How do I add a printer?",
  ].map((text) => ({ text, categoryId: "printer" })),
];

export const aTriageInput = (change: Partial<TriageInput> = {}): TriageInput => {
  const { categories, signals } = aDesk();
  return {
    subject: "Wi-Fi",
    text: "The Wi-Fi drops every day.",
    written: "The Wi-Fi drops every day.",
    told: "The Wi-Fi drops every day.",
    customerName: "Dana Okafor",
    priority: "normal",
    categories,
    signals,
    deskLanguage: "en",
    router: null,
    ...change,
  };
};

export const aDraftInput = (change: Partial<DraftInput> = {}): DraftInput => ({
  subject: "Wi-Fi",
  text: "The Wi-Fi drops every day.",
  customerName: "Dana Okafor",
  templates: aDesk().templates,
  language: "en",
  evidence: [anEvidence()],
  ...change,
});
