import { sha256Hex } from "@opsdesk/identity";
import type { Desk } from "@opsdesk/schemas/desk";
import type { KnowledgeSourceSubmitted } from "@opsdesk/schemas/knowledge-source-submitted";
import type { TicketTriaged } from "@opsdesk/schemas/ticket-triaged";

export const NOW = "2026-11-20T09:00:00.000Z";
export const KEY = "odk_for_the_tests_of_retrieval_only";

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
  people: [{ id: "priya", name: "Priya Shah", role: "reviewer" }],
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
  templates: [],
  policy: {
    autoSend: { enabled: false, categories: [], capPerCustomerPerDay: 0, capPerHour: 0 },
    vetoRisks: [],
    groundednessMin: 0.6,
    evidenceMin: 1,
    undoSeconds: 0,
    linkHours: 24,
  },
  endpoints: [],
  scenarios: [],
  apiKeys: [{ keyId: "key-tests", sha256: sha256Hex(KEY), scopes: ["knowledge:read", "knowledge:write"] }],
  ...changes,
});

export const WIFI_PLAYBOOK = `# Wi-Fi playbook

Most Wi-Fi trouble in the office is one of three things.

## Drops at fixed times

When the Wi-Fi drops every day at about the same time, the access point is changing its channel on a schedule.
Ask for the building and floor, and move the channel scan of that access point to the night.

## Error 0x80070005 when joining

- The device certificate has expired.
- Renew it in the company portal, then restart the laptop.

## Slow Wi-Fi in meeting rooms

| Room | Access point | Limit |
| --- | --- | --- |
| Mole | AP-1107 | 30 devices |
| Pier | AP-1108 | 50 devices |
`;

export const PASSWORD_FAQ = `# Passwords

## Resetting your password

Open the password portal, choose "Forgot password" and confirm the code that is sent to your phone.
The new password needs fourteen characters.
`;

export const aSource = (changes: Partial<KnowledgeSourceSubmitted> = {}): KnowledgeSourceSubmitted => {
  const content = changes.content ?? WIFI_PLAYBOOK;
  return {
    sourceId: "wifi-playbook",
    title: "Wi-Fi playbook",
    uri: "knowledge/wifi-playbook.md",
    kind: "playbook",
    locale: "en",
    audience: "customer",
    contentType: "text/markdown",
    ...changes,
    content,
    contentHash: changes.contentHash ?? sha256Hex(content),
  };
};

export const aTriaged = (changes: Partial<TicketTriaged> = {}): TicketTriaged => ({
  ticketId: "tkt_1",
  reference: "OD-1025",
  aggregateVersion: 2,
  conversationVersion: 1,
  outcome: "triaged",
  categoryId: "network",
  confidence: 0.9,
  outOfScope: false,
  ranking: [{ categoryId: "network", confidence: 0.9 }],
  priority: "high",
  summary: "Wi-Fi drops daily",
  missingInformation: [],
  risks: [],
  language: "en",
  searchText:
    "Wi-Fi keeps dropping\nHello, since last week the Wi-Fi in our office drops every day at 2 pm for about ten minutes. It is urgent, please call me today. Thanks, Dana",
  runs: [],
  ...changes,
});
