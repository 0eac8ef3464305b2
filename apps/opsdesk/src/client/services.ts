import type { Service } from "@opsdesk/schemas";

/** The services whose operator routes there are, in the order of the flow. */
export const SERVICES: readonly Service[] = [
  "ingest",
  "triage",
  "retrieval",
  "safety-gate",
  "webhook",
  "evaluation",
  "console",
  "analytics",
];
