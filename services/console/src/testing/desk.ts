import { sha256Hex } from "@opsdesk/identity";
import type { Desk } from "@opsdesk/schemas/desk";

export const KEY = "odk_for_the_tests_of_the_console_only";
export const READER_KEY = "odk_reader_for_the_tests_of_the_console";
export const OTHER_KEY = "odk_other_business_in_tests_of_the_console";

const aKey = (keyId: string, key: string, scopes: string[]) => ({ keyId, sha256: sha256Hex(key), scopes });
export const KEYS = [aKey("key-all", KEY, ["*"]), aKey("key-reader", READER_KEY, ["tickets:read"])];
export const OTHER_KEYS = [aKey("key-other", OTHER_KEY, ["*"])];

export const aDesk = (apiKeys: Desk["apiKeys"]): Desk => ({
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
  people: [{ id: "priya", name: "Priya Nair", role: "reviewer" }],
  leadId: "priya",
  responseTargets: { low: 480, normal: 240, high: 60, urgent: 15 },
  signals: [],
  categories: [],
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
  apiKeys,
});
