import Type from "typebox";
import {
  Channel,
  Customer,
  CustomerText,
  Evidence,
  Hash,
  Id,
  PersonalShort,
  Priority,
  Reason,
  ReplyText,
  Sentence,
  Share,
  ShortText,
  closed,
  orNull,
  ticketRef,
} from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const aiDraftAutoApproved = event(
  "ai.draft.auto_approved",
  "1.0",
  {
    meaning: "The gate found nothing that needs a person: the reply may go out.",
    key: "ticket",
    class: "fact",
    producers: ["safety-gate"],
    consumers: ["ingest", "webhook", "evaluation", "console", "analytics", "crm"],
  },
  closed({
    ...ticketRef,
    reviewId: Id,
    draftId: Id,
    source: ShortText,
    externalId: orNull(Id),
    channel: Channel,
    customer: Customer,
    subject: PersonalShort,
    categoryId: orNull(Id),
    /** For readers that do not hold the desk. */
    categoryName: Type.Optional(ShortText),
    priority: Priority,
    summary: Type.String({ maxLength: 600, "x-personal": true }),
    /** What the draft answers: the newest words of the customer. Absent when there are none (a ticket opened by hand). */
    customerText: Type.Optional(CustomerText),
    draft: closed({ text: ReplyText, sentences: Type.Array(Sentence, { maxItems: 100 }), templateId: orNull(Id) }),
    reasons: Type.Array(Reason, { minItems: 1, maxItems: 50 }),
    evidence: Type.Array(Evidence, { maxItems: 8 }),
    confidence: Share,
    fingerprint: Hash,
    gateVersion: ShortText,
    policyHash: Hash,
    decisionHash: Hash,
  }),
);
export type AiDraftAutoApproved = DataOf<typeof aiDraftAutoApproved>;
