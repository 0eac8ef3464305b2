import type { Desk } from "@opsdesk/schemas/desk";

/** A business that has no desk pack yet: people can take in and answer, and no machine does anything. */
export const emptyDesk = (
  business: { id: string; name: string; locale: string; timeZone: string },
  apiKeys: Desk["apiKeys"],
): Desk => ({
  business: { ...business, referencePrefix: "T-", firstNumber: 1, signature: business.name },
  ai: { enabled: false },
  teams: [],
  people: [],
  leadId: "unassigned",
  responseTargets: { low: 2_880, normal: 1_440, high: 480, urgent: 60 },
  signals: [],
  categories: [],
  templates: [],
  policy: {
    autoSend: { enabled: false, categories: [], capPerCustomerPerDay: 0, capPerHour: 0 },
    vetoRisks: [],
    groundednessMin: 1,
    evidenceMin: 1,
    undoSeconds: 0,
    linkHours: 24,
  },
  endpoints: [],
  scenarios: [],
  apiKeys,
});
