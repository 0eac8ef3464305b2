import Type from "typebox";
import { Actor, ShortText, closed, openOneOf } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const auditRecorded = event(
  "audit.recorded",
  "1.0",
  {
    meaning: "Something worth an auditor's attention that no other event says.",
    key: "tenant",
    class: "fact",
    producers: ["ingest", "triage", "retrieval", "safety-gate", "webhook", "evaluation", "console", "analytics"],
    consumers: ["safety-gate", "analytics"],
  },
  closed({
    actor: Actor,
    action: openOneOf(
      "sign_in",
      "key_used",
      "key_created",
      "export",
      "policy_edited",
      "dead_letter_retried",
      "dead_letter_edited",
      "replay",
    ),
    object: ShortText,
    detail: Type.Optional(ShortText),
  }),
);
export type AuditRecorded = DataOf<typeof auditRecorded>;
