import Type from "typebox";
import {
  Channel,
  Customer,
  CustomerText,
  Evidence,
  Hash,
  Id,
  MissingInformation,
  PersonalShort,
  Priority,
  Reason,
  ReplyText,
  Risk,
  Sentence,
  Share,
  ShortText,
  Time,
  closed,
  orNull,
  ticketRef,
} from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const aiDraftReviewRequired = event(
  "ai.draft.review_required",
  "1.0",
  {
    meaning: "A person must decide. Self-sufficient: a review screen can be built from it with no call back.",
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
    /** Null when there is nothing to send: the reasons say why. */
    draft: orNull(
      closed({ text: ReplyText, sentences: Type.Array(Sentence, { maxItems: 100 }), templateId: orNull(Id) }),
    ),
    missingInformation: Type.Array(MissingInformation, { maxItems: 20 }),
    risks: Type.Array(Risk, { maxItems: 20 }),
    reasons: Type.Array(Reason, { minItems: 1, maxItems: 50 }),
    evidence: Type.Array(Evidence, { maxItems: 8 }),
    confidence: Share,
    owner: closed({ id: Id, name: PersonalShort }),
    dueBy: Time,
    /** What a decision must quote, so that it is refused when the proposal has changed meanwhile. */
    fingerprint: Hash,
    consoleUrl: Type.String({ maxLength: 2_000 }),
    /** Signed, expiring, good for one decision: a party without an account can decide with it. */
    decisionUrl: Type.String({ maxLength: 2_000 }),
    /** When the link ends; without it a reader finds out by trying. */
    decisionUrlExpiresAt: Type.Optional(Time),
    gateVersion: ShortText,
    policyHash: Hash,
    decisionHash: Hash,
  }),
);
export type AiDraftReviewRequired = DataOf<typeof aiDraftReviewRequired>;
