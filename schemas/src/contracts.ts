import { adminCommandSubmitted } from "./events/admin-command-submitted.ts";
import { aiDraftAutoApproved } from "./events/ai-draft-auto-approved.ts";
import { aiDraftDecisionRefused } from "./events/ai-draft-decision-refused.ts";
import { aiDraftProposed } from "./events/ai-draft-proposed.ts";
import { aiDraftRetired } from "./events/ai-draft-retired.ts";
import { aiDraftReviewRequired } from "./events/ai-draft-review-required.ts";
import { aiDraftReviewed } from "./events/ai-draft-reviewed.ts";
import { aiRunRecorded } from "./events/ai-run-recorded.ts";
import { auditRecorded } from "./events/audit-recorded.ts";
import { commandRefused } from "./events/command-refused.ts";
import { contactLogged } from "./events/contact-logged.ts";
import { contextRetrieved } from "./events/context-retrieved.ts";
import { deadLetterParked } from "./events/dead-letter-parked.ts";
import { deskConfigured } from "./events/desk-configured.ts";
import { documentExtracted } from "./events/document-extracted.ts";
import { draftDecisionSubmitted } from "./events/draft-decision-submitted.ts";
import { enquiryAccepted } from "./events/enquiry-accepted.ts";
import { enquiryRejected } from "./events/enquiry-rejected.ts";
import { enquirySubmitted } from "./events/enquiry-submitted.ts";
import { evaluationCompleted } from "./events/evaluation-completed.ts";
import { examplesSubmitted } from "./events/examples-submitted.ts";
import { followupChanged } from "./events/followup-changed.ts";
import { followupSuggested } from "./events/followup-suggested.ts";
import { inputAccepted } from "./events/input-accepted.ts";
import { knowledgeSourceIndexed } from "./events/knowledge-source-indexed.ts";
import { knowledgeSourceRetired } from "./events/knowledge-source-retired.ts";
import { knowledgeSourceSubmitted } from "./events/knowledge-source-submitted.ts";
import { replyFailed } from "./events/reply-failed.ts";
import { replySent } from "./events/reply-sent.ts";
import { rolloutChanged } from "./events/rollout-changed.ts";
import { routerTrained } from "./events/router-trained.ts";
import { ticketChanged } from "./events/ticket-changed.ts";
import { ticketCommandSubmitted } from "./events/ticket-command-submitted.ts";
import { ticketCreated } from "./events/ticket-created.ts";
import { ticketMessageAdded } from "./events/ticket-message-added.ts";
import { ticketTriaged } from "./events/ticket-triaged.ts";
import { webhookDelivered } from "./events/webhook-delivered.ts";
import { webhookEndpointDisabled } from "./events/webhook-endpoint-disabled.ts";
import { webhookFailed } from "./events/webhook-failed.ts";
import type { EventContract } from "./event.ts";

/** Every event type there is. A topic, its schema, its examples and its documentation follow from this list. */
export const contracts = [
  adminCommandSubmitted,
  aiDraftAutoApproved,
  aiDraftDecisionRefused,
  aiDraftProposed,
  aiDraftRetired,
  aiDraftReviewRequired,
  aiDraftReviewed,
  aiRunRecorded,
  auditRecorded,
  commandRefused,
  contactLogged,
  contextRetrieved,
  deadLetterParked,
  deskConfigured,
  documentExtracted,
  draftDecisionSubmitted,
  enquiryAccepted,
  enquiryRejected,
  enquirySubmitted,
  evaluationCompleted,
  examplesSubmitted,
  followupChanged,
  followupSuggested,
  inputAccepted,
  knowledgeSourceIndexed,
  knowledgeSourceRetired,
  knowledgeSourceSubmitted,
  replyFailed,
  replySent,
  rolloutChanged,
  routerTrained,
  ticketChanged,
  ticketCommandSubmitted,
  ticketCreated,
  ticketMessageAdded,
  ticketTriaged,
  webhookDelivered,
  webhookEndpointDisabled,
  webhookFailed,
] as const satisfies readonly EventContract[];

export type EventType = (typeof contracts)[number]["type"];

const byType: ReadonlyMap<string, EventContract> = new Map(contracts.map((contract) => [contract.type, contract]));
const byTopic: ReadonlyMap<string, EventContract> = new Map(contracts.map((contract) => [contract.topic, contract]));

/** The contract of an event type, or undefined where there is none. */
export const contractOf = (type: string): EventContract | undefined => byType.get(type);

/** The contract whose events a topic carries, or undefined where there is none. */
export const contractOfTopic = (topic: string): EventContract | undefined => byTopic.get(topic);
