import { idFor, prefixedId } from "@opsdesk/identity";
import { type EventType, contractOf } from "@opsdesk/schemas";
import type { Run } from "@opsdesk/schemas/common";
import type { Envelope } from "@opsdesk/schemas/envelope";

/** A ticket's whole life for tests: a first draft falls to a second message, the second one is approved and goes out. */
export const TENANT = "it-helpdesk";
export const TICKET = "tkt_wifi";
export const REFERENCE = "OD-1025";
const HASH = "0".repeat(64);
const START = Date.parse("2026-11-16T14:12:00Z");
export const timeOf = (minute: number): string => new Date(START + minute * 60_000).toISOString();

export interface Said {
  readonly type: EventType;
  readonly data: Readonly<Record<string, unknown>>;
  /** Minutes since the first. */
  readonly minute: number;
}

/** The event as it would arrive. */
export function envelopeOf({ data, minute, type }: Said, tenant = TENANT): Envelope {
  const ticketId = data["ticketId"];
  const key = `${tenant}:${type}:${minute}`;
  return {
    specversion: "1.0",
    id: idFor(key),
    source: "/opsdesk/test",
    type,
    schemaversion: contractOf(type)?.schemaVersion ?? "1.0",
    ...(typeof ticketId === "string" ? { subject: ticketId } : {}),
    time: timeOf(minute),
    datacontenttype: "application/json",
    correlationid: idFor(`correlation:${TICKET}`),
    idempotencykey: key,
    tenantid: tenant,
    data,
  };
}

const place = (aggregateVersion: number, conversationVersion: number) => ({
  ticketId: TICKET,
  reference: REFERENCE,
  aggregateVersion,
  conversationVersion,
});
const priya = { kind: "person", id: "priya", name: "Priya Nair" };
const maya = { id: "cus_maya", name: "Maya Lindqvist", email: "maya@northgate.example" };

const aRun = (runId: string, job: string, latencyMs = 1.234): Run => ({
  runId,
  job,
  outcome: "succeeded",
  model: "demo-template-router-v1",
  promptVersion: "1",
  inputHash: HASH,
  outputHash: HASH,
  inputTokens: 50,
  outputTokens: 10,
  costMicros: 7,
  latencyMs,
  startedAt: timeOf(1),
});

const message = (id: string, kind: "customer" | "reply" | "note", minute: number, author: object = priya) => ({
  id,
  kind,
  author,
  text: "The Wi-Fi drops every day at 2 pm.",
  textHash: HASH,
  truncated: false,
  at: timeOf(minute),
  automatic: false,
});

const evidence = [
  {
    citation: {
      sourceId: "wifi-playbook",
      version: 1,
      chunkId: "wifi-playbook@1#0",
      start: 0,
      end: 10,
      quoteHash: HASH,
      title: "Wi-Fi drops at fixed times",
      uri: "",
    },
    text: "A drop at the same minute every day is a scheduled scan.",
    kind: "playbook",
    section: "",
    score: 0.8,
    legs: ["dense"],
  },
];
const sentences = [
  {
    text: "It is a scheduled scan.",
    source: "slot",
    citations: [{ chunkId: "wifi-playbook@1#0", quote: "scheduled scan" }],
  },
];
const about = {
  source: "/mail",
  externalId: "mail-1",
  channel: "email",
  customer: maya,
  subject: "Wi-Fi drops every day at 2 pm",
};
const findings = {
  missingInformation: [{ id: "floor", question: "Which floor?" }],
  risks: [{ id: "phone_contact", detail: "asks for a call" }],
  priority: "urgent",
  summary: "Daily drop at 2 pm.",
  confidence: 0.9,
  language: "en",
};

const draft = (version: number): string => `drf_${version}`;
const review = (version: number): string => prefixedId("rev", draft(version));
export const reviewIdOf = review;

export const triaged = (version: number, minute: number): Said => ({
  type: "ticket.triaged",
  minute,
  data: {
    ...place(version, version),
    ...findings,
    outcome: "triaged",
    categoryId: "network",
    outOfScope: false,
    ranking: [],
    searchText: "wifi",
    runs: [aRun(`run_t${version}`, "triage.ticket")],
  },
});
const retrieved = (version: number, minute: number): Said => ({
  type: "context.retrieved",
  minute,
  data: {
    ...place(version, version),
    outcome: "found",
    evidence,
    retrievalPolicy: "retrieval@1",
    runs: [aRun(`run_r${version}`, "retrieve.context", 0.1)],
  },
});
export const proposed = (version: number, minute: number, outcome = "proposed"): Said => ({
  type: "ai.draft.proposed",
  minute,
  data: {
    ...place(version, version),
    ...about,
    ...findings,
    draftId: draft(version),
    outcome,
    ...(outcome === "proposed" ? {} : { reason: "out_of_scope" }),
    automatic: false,
    templateId: "wifi-regular-drops",
    templateVersion: HASH,
    sentences,
    slots: [],
    categoryId: "network",
    outOfScope: false,
    evidence,
    model: "demo-template-router-v1",
    promptVersion: "1",
    runs: [aRun(`run_s${version}`, "response.template_select", 0.2)],
  },
});
export const required = (version: number, minute: number): Said => {
  const { language: _unsaid, ...said } = findings;
  return {
    type: "ai.draft.review_required",
    minute,
    data: {
      ...place(version, version),
      ...about,
      ...said,
      reviewId: review(version),
      draftId: draft(version),
      categoryId: "network",
      categoryName: "Network",
      draft: { text: "It is a scheduled scan.", sentences, templateId: "wifi-regular-drops" },
      reasons: [{ rule: "risk:phone_contact", words: "A call cannot be made automatically." }],
      evidence,
      owner: { id: "priya", name: "Priya Nair" },
      dueBy: timeOf(60 + version),
      fingerprint: HASH,
      consoleUrl: "http://desk/reviews/1",
      decisionUrl: "http://desk/d/secret-link",
      decisionUrlExpiresAt: timeOf(600),
      gateVersion: "gate@1",
      policyHash: HASH,
      decisionHash: HASH,
    },
  };
};
export const retired = (version: number, minute: number, reason = "newer_message"): Said => ({
  type: "ai.draft.retired",
  minute,
  data: { ...place(version + 1, version + 1), draftId: draft(version), reason, supersededBy: null },
});
export const reviewed = (version: number, minute: number, decision = "approved", decisionId = "dec_1"): Said => ({
  type: "ai.draft.reviewed",
  minute,
  data: {
    ...place(version, version),
    reviewId: review(version),
    draftId: draft(version),
    decisionId,
    decision,
    actor: priya,
    via: "api",
    text: decision === "approved" ? "It is a scheduled scan." : null,
    sentences: [],
    edit: null,
    decidedAt: timeOf(minute),
    openedEvidence: [],
    categoryId: "network",
    fingerprint: HASH,
  },
});
export const refused = (version: number, minute: number, decisionId: string, code = "already_decided"): Said => ({
  type: "ai.draft.decision_refused",
  minute,
  data: {
    ticketId: TICKET,
    reviewId: review(version),
    decisionId,
    decision: "approve",
    actor: priya,
    code,
    message: "Too late.",
  },
});
const delivered = (eventId: string, minute: number): Said => ({
  type: "webhook.delivered",
  minute,
  data: {
    deliveryId: `dlv_${minute}`,
    endpointId: "ep_1",
    endpointName: "crm",
    ticketId: TICKET,
    eventId,
    eventType: "ai.draft.review_required",
    sequence: 1,
    attempts: 2,
    status: 200,
    latencyMs: 3.5,
    url: "http://crm/hook",
  },
});
export const autoApproved = (version: number, minute: number): Said => {
  const {
    decisionUrl: _a,
    decisionUrlExpiresAt: _b,
    consoleUrl: _c,
    owner: _d,
    dueBy: _e,
    missingInformation: _f,
    risks: _g,
    ...data
  } = required(version, minute).data;
  return { type: "ai.draft.auto_approved", minute, data };
};
export const changed = (aggregateVersion: number, minute: number, change: string, after: object): Said => ({
  type: "ticket.changed",
  minute,
  data: { ...place(aggregateVersion, 3), actor: priya, change, before: {}, after },
});

export const created: Said = {
  type: "ticket.created",
  minute: 0,
  data: {
    ...place(1, 1),
    ...about,
    status: "open",
    priority: "normal",
    message: message("msg_1", "customer", 0, { kind: "system", id: "cus_maya" }),
    responseDueAt: timeOf(240),
    deskVersion: 1,
  },
};

/** In the order in which it happened. */
export const LIFE: readonly Said[] = [
  created,
  {
    type: "enquiry.accepted",
    minute: 0,
    data: { ...place(1, 1), source: "/mail", externalId: "mail-1", messageId: "msg_1", outcome: "ticket_created" },
  },
  triaged(1, 1),
  {
    type: "followup.suggested",
    minute: 2,
    data: {
      ...place(1, 1),
      suggestionId: "sug_1",
      title: "Call Maya",
      ownerId: "priya",
      dueAt: timeOf(60),
      reason: "asks for a call",
    },
  },
  retrieved(1, 3),
  proposed(1, 4),
  required(1, 5),
  delivered(envelopeOf(required(1, 5)).id, 6),
  {
    type: "ticket.message_added",
    minute: 7,
    data: {
      ...place(2, 2),
      subject: about.subject,
      message: message("msg_2", "customer", 7, { kind: "system", id: "cus_maya" }),
    },
  },
  retired(1, 8),
  triaged(2, 9),
  retrieved(2, 10),
  proposed(2, 11),
  required(2, 12),
  delivered(envelopeOf(required(2, 12)).id, 13),
  refused(2, 14, "dec_0", "fingerprint_changed"),
  reviewed(2, 15),
  {
    type: "ticket.message_added",
    minute: 16,
    data: { ...place(3, 3), subject: about.subject, message: message("msg_3", "reply", 16), draftId: draft(2) },
  },
  {
    type: "reply.sent",
    minute: 17,
    data: {
      ...place(3, 3),
      messageId: "msg_3",
      draftId: draft(2),
      origin: "reviewed",
      channel: "email",
      carrier: "record",
      channelMessageId: "<msg_3@x>",
      text: "It is a scheduled scan.",
      sentAt: timeOf(17),
    },
  },
  changed(4, 18, "assigned", { assigneeId: "priya" }),
  changed(5, 19, "priority", { priority: "high", responseDueAt: timeOf(300) }),
  {
    type: "contact.logged",
    minute: 20,
    data: {
      ...place(5, 3),
      contactId: "con_1",
      channel: "phone",
      reached: true,
      said: "Will check at 14:00.",
      actor: priya,
      at: timeOf(20),
    },
  },
  { type: "ai.run.recorded", minute: 21, data: { ticketId: TICKET, run: aRun("run_x", "suggest.followup") } },
  changed(6, 22, "closed", { status: "resolved" }),
];
