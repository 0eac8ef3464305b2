import { contentHash, sha256Hex } from "@opsdesk/identity";
import type { AiDraftProposed } from "@opsdesk/schemas/ai-draft-proposed";
import type { Evidence } from "@opsdesk/schemas/common";
import type { Desk, Template } from "@opsdesk/schemas/desk";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { DecisionLinks } from "./links.ts";
import { type ProposalState, gateInputs } from "./proposal-state.ts";
import type { GateInputs } from "./gate-inputs.ts";
import { keyOf } from "./state.ts";

export const NOW = "2026-11-20T14:12:05.000Z";
export const TENANT = "it-helpdesk";

const unsignedTemplate = {
  id: "vpn-how-to",
  categoryId: "vpn",
  title: "How to use the VPN",
  locale: "en",
  body: "Hello {{customer_name}},\n\nYou connect with Northgate Connect.\n\n{{answer}}\n\nWrite to help@northgate.example if it fails. Your reference is {{reference}}.\n\nKind regards,\n{{desk_name}}",
  slots: [
    { name: "customer_name", provenance: "system" as const, required: true },
    { name: "reference", provenance: "system" as const, required: true },
    { name: "desk_name", provenance: "system" as const, required: true },
    { name: "answer", provenance: "knowledge" as const, required: true, about: ["VPN"] },
  ],
  grounds: ["vpn-guide"],
};
export const aTemplate = (): Template => ({ ...unsignedTemplate, version: contentHash(unsignedTemplate) });

const ANSWER = "Enter vpn.northgate.example as the server and sign in within 60 seconds.";

export function anEvidence(change: Partial<Evidence["citation"]> & { text?: string } = {}): Evidence {
  const { text = `Using the VPN. ${ANSWER} The shield turns green.`, ...citation } = change;
  return {
    citation: {
      sourceId: "vpn-guide",
      version: 2,
      chunkId: "vpn-guide@2#1",
      start: 0,
      end: text.length,
      quoteHash: sha256Hex(text),
      title: "Using the VPN",
      uri: "knowledge/network/vpn-guide.md",
      ...citation,
    },
    text,
    kind: "faq",
    section: "How do I connect?",
    score: 0.8,
    legs: ["dense"],
  };
}

export function aDesk(change: Partial<Desk> = {}): Desk {
  return {
    business: {
      id: TENANT,
      name: "Northgate IT Service Desk",
      locale: "en-GB",
      timeZone: "Europe/London",
      referencePrefix: "OD-",
      firstNumber: 1025,
      signature: "Northgate IT Service Desk, Aldous Building",
    },
    ai: { enabled: true },
    teams: [],
    people: [
      { id: "priya", name: "Priya Nair", role: "reviewer" },
      { id: "ruth", name: "Ruth Abernethy", role: "admin" },
      { id: "callum", name: "Callum Reid", role: "drafter" },
      { id: "vera", name: "Vera Lund", role: "viewer" },
    ],
    leadId: "ruth",
    responseTargets: { low: 1440, normal: 480, high: 120, urgent: 30 },
    signals: [],
    categories: [
      { id: "vpn", name: "VPN", description: "", ownerId: "priya", priority: "normal", asks: [] },
      { id: "hardware", name: "Hardware", description: "", ownerId: "nobody", priority: "normal", asks: [] },
    ],
    templates: [aTemplate()],
    policy: {
      autoSend: { enabled: true, categories: ["vpn"], capPerCustomerPerDay: 2, capPerHour: 30 },
      vetoRisks: ["phone_contact", "urgent"],
      groundednessMin: 0.6,
      evidenceMin: 1,
      undoSeconds: 0,
      linkHours: 48,
    },
    endpoints: [],
    scenarios: [],
    apiKeys: [],
    ...change,
  };
}

/** A proposal that passes every rule. */
export function aProposal(change: Partial<AiDraftProposed> = {}): AiDraftProposed {
  return {
    ticketId: "tkt_1",
    reference: "OD-1025",
    aggregateVersion: 3,
    conversationVersion: 1,
    draftId: "drf_1",
    outcome: "proposed",
    source: "/crm",
    externalId: null,
    channel: "email",
    customer: { id: "cus_1", name: "Maya Lindqvist", email: "maya@northwind.example" },
    subject: "VPN",
    automatic: false,
    templateId: "vpn-how-to",
    templateVersion: aTemplate().version,
    sentences: [
      { text: "Hello Maya Lindqvist,", source: "template", citations: [] },
      { text: "You connect with Northgate Connect.", source: "template", citations: [] },
      { text: ANSWER, source: "slot", citations: [{ chunkId: "vpn-guide@2#1", quote: ANSWER }] },
      { text: "Write to help@northgate.example if it fails.", source: "template", citations: [] },
      { text: "Your reference is OD-1025.", source: "template", citations: [] },
      { text: "Kind regards,\nNorthgate IT Service Desk", source: "template", citations: [] },
    ],
    slots: [
      { name: "customer_name", value: "Maya Lindqvist", provenance: "system" },
      { name: "reference", value: "OD-1025", provenance: "system" },
      { name: "desk_name", value: "Northgate IT Service Desk", provenance: "system" },
      { name: "answer", value: ANSWER, provenance: "knowledge" },
    ],
    categoryId: "vpn",
    outOfScope: false,
    priority: "normal",
    summary: "How to connect to the VPN.",
    missingInformation: [],
    risks: [],
    confidence: 0.91,
    language: "en",
    evidence: [anEvidence()],
    model: "demo-template-router-v1",
    promptVersion: "triage@1",
    runs: [],
    ...change,
  };
}

export function anEvent<Data>(type: string, data: Data, change: Partial<Envelope<Data>> = {}): Envelope<Data> {
  return {
    specversion: "1.0",
    id: "ebe17ac3-2f8a-53df-a1ef-9dbc229381e4",
    source: "/opsdesk/test",
    type,
    schemaversion: "1.0",
    time: "2026-11-20T14:12:04.000Z",
    datacontenttype: "application/json",
    correlationid: "11cb173d-218b-56c2-a7c6-26f2bfa04e3d",
    idempotencykey: "key",
    tenantid: TENANT,
    data,
    ...change,
  };
}

export function aState(change: Partial<ProposalState> = {}): ProposalState {
  return {
    desks: new Map([[TENANT, { desk: aDesk() }]]),
    stopped: new Map(),
    tickets: new Map(),
    gated: new Map(),
    reviewed: new Map(),
    sources: new Map([[keyOf(TENANT, "vpn-guide"), { sourceId: "vpn-guide", version: 2, retired: false }]]),
    approvals: new Map(),
    heads: new Map(),
    ...change,
  };
}

export const inputsOf = (
  proposal: AiDraftProposed,
  state: ProposalState = aState(),
  desk: Desk = aDesk(),
): GateInputs => gateInputs(anEvent("ai.draft.proposed", proposal), desk, state, NOW);

/** Links without cryptography. */
export const plainLinks: DecisionLinks = {
  url: (reviewId, expiresAt) => `https://desk.example/v1/decisions/${reviewId}?token=${expiresAt}`,
  admits: (reviewId, token, now) => token.startsWith(`${reviewId}@`) && token.slice(reviewId.length + 1) > now,
};
