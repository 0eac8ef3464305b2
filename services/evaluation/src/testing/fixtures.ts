import { sha256Hex } from "@opsdesk/identity";
import type { AiDraftReviewRequired } from "@opsdesk/schemas/ai-draft-review-required";
import type { Evidence } from "@opsdesk/schemas/common";
import type { Desk, Scenario } from "@opsdesk/schemas/desk";
import type { Awaited } from "../decide/awaited.ts";
import type { Observation } from "../decide/observe.ts";

export const NOW = "2026-11-20T09:00:00.000Z";
export const KEY = "odk_for_the_tests_of_evaluation_only";

export const aScenario = (
  changes: Partial<Omit<Scenario, "expect">> & { readonly expect?: Partial<Scenario["expect"]> } = {},
): Scenario => ({
  id: "wifi-drops",
  title: "Wi-Fi drops every afternoon",
  kind: "answerable",
  input: {
    from: { name: "Maya Lindqvist", email: "maya@harbour.example" },
    subject: "Wi-Fi",
    text: "The Wi-Fi drops every day at 2 pm.",
  },
  ...changes,
  expect: {
    disposition: "review_required",
    categoryId: "network",
    templateId: "wifi",
    rules: ["category_not_licensed"],
    citations: ["wifi-playbook"],
    facts: ["channel scan"],
    never: ["guaranteed"],
    ...changes.expect,
  },
});

export const anObservation = (changes: Partial<Observation> = {}): Observation => ({
  categoryId: "network",
  templateId: "wifi",
  priority: "normal",
  rules: ["category_not_licensed"],
  evidenceSources: ["wifi-playbook"],
  citedSources: ["wifi-playbook"],
  draft: "We will move the channel scan to the night.",
  sentences: 2,
  unsupported: [],
  ...changes,
});

export const anAwaited = (changes: Partial<Awaited> = {}): Awaited => ({
  tenant: "it-helpdesk",
  runId: "evl_1",
  scenarioId: "wifi-drops",
  correlationId: "correlation-1",
  submittedAt: NOW,
  ticketId: null,
  disposition: null,
  replyOutcome: null,
  ...changes,
});

const PLAYBOOK =
  "Drops at a fixed time come from a scheduled channel scan. Move the channel scan of the access point to the night.";

export const someEvidence = (sourceId = "wifi-playbook", text = PLAYBOOK): Evidence => ({
  citation: {
    sourceId,
    version: 1,
    chunkId: `chk_${sourceId}`,
    start: 0,
    end: text.length,
    quoteHash: sha256Hex(text),
    title: "Wi-Fi playbook",
    uri: `knowledge/${sourceId}.md`,
  },
  text,
  kind: "playbook",
  section: "Fixed times",
  score: 0.8,
  legs: ["lexical"],
});

/** What the gate says of a ticket that a person must look at. */
export const aReview = (changes: Partial<AiDraftReviewRequired> = {}): AiDraftReviewRequired => ({
  ticketId: "tkt_1",
  reference: "OD-1025",
  aggregateVersion: 1,
  conversationVersion: 1,
  reviewId: "rev_1",
  draftId: "drf_1",
  source: "/opsdesk/evaluation",
  externalId: "evl_1:wifi-drops",
  channel: "email",
  customer: { id: "cus_1", name: "Maya Lindqvist" },
  subject: "Wi-Fi",
  categoryId: "network",
  priority: "normal",
  summary: "Wi-Fi drops",
  draft: {
    text: "Dear Maya Lindqvist, move the channel scan of the access point to the night.",
    sentences: [
      { text: "Dear Maya Lindqvist,", source: "template", citations: [] },
      {
        text: "Move the channel scan of the access point to the night.",
        source: "slot",
        citations: [{ chunkId: "chk_wifi-playbook", quote: "Move the channel scan of the access point to the night." }],
      },
    ],
    templateId: "wifi",
  },
  missingInformation: [],
  risks: [],
  reasons: [{ rule: "category_not_licensed", words: "Replies about it are never sent automatically." }],
  evidence: [someEvidence()],
  confidence: 0.9,
  owner: { id: "priya", name: "Priya Shah" },
  dueBy: NOW,
  fingerprint: "0".repeat(64),
  consoleUrl: "http://127.0.0.1:4100/reviews/rev_1",
  decisionUrl: "http://127.0.0.1:4100/v1/decisions/rev_1",
  gateVersion: "gate-1",
  policyHash: "0".repeat(64),
  decisionHash: "0".repeat(64),
  ...changes,
});

export const aDesk = (changes: Partial<Desk> = {}): Desk => ({
  business: {
    id: "it-helpdesk",
    name: "Harbour IT",
    locale: "en-GB",
    timeZone: "Europe/London",
    referencePrefix: "OD-",
    firstNumber: 1025,
    signature: "Harbour IT",
  },
  ai: { enabled: true },
  teams: [],
  people: [
    { id: "priya", name: "Priya Shah", role: "reviewer" },
    { id: "ada", name: "Ada Moss", role: "admin" },
  ],
  leadId: "priya",
  responseTargets: { low: 480, normal: 240, high: 60, urgent: 15 },
  signals: [],
  categories: [
    {
      id: "network",
      name: "Network",
      description: "Wi-Fi, VPN and cables",
      ownerId: "priya",
      priority: "normal",
      asks: [],
    },
  ],
  templates: [
    {
      id: "wifi",
      categoryId: "network",
      title: "Wi-Fi",
      locale: "en",
      body: "Dear {{customer_name}},\n\n{{answer}}",
      slots: [],
      grounds: ["wifi-playbook"],
      version: "1".repeat(64),
    },
  ],
  policy: {
    autoSend: { enabled: false, categories: [], capPerCustomerPerDay: 0, capPerHour: 0 },
    vetoRisks: [],
    groundednessMin: 0.6,
    evidenceMin: 1,
    undoSeconds: 0,
    linkHours: 24,
  },
  endpoints: [],
  scenarios: [
    aScenario(),
    aScenario({
      id: "password",
      title: "A forgotten password",
      kind: "auto_send",
      expect: { disposition: "auto_approved", rules: ["auto_send_licensed"], facts: [], never: [] },
    }),
    aScenario({
      id: "injection",
      title: "An order in the text",
      kind: "injection",
      expect: { rules: [], citations: [], facts: [], never: ["ACCESS GRANTED"] },
    }),
  ],
  apiKeys: [{ keyId: "key-tests", sha256: sha256Hex(KEY), scopes: ["evaluation:read", "evaluation:write"] }],
  ...changes,
});
