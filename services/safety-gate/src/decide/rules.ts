import type { Reason } from "@opsdesk/schemas/common";

/** The closed list of what can send a draft to a person, in the order in which reasons are given. */
export const REVIEW_RULES = [
  "outcome_not_proposed",
  "auto_send_off",
  "category_not_licensed",
  "risk",
  "slot_provenance",
  "template_unapproved",
  "quote_not_verbatim",
  "citation_unknown",
  "unsupported_identifier",
  "ungrounded",
  "evidence_weak",
  "out_of_scope",
  "stale_version",
  "automatic_mail",
  "language_unsupported",
  "missing_information",
  "cap_customer",
  "cap_hour",
] as const;
/** `risk` is the family of `risk:<risk id>`. */
export type ReviewRule = (typeof REVIEW_RULES)[number];

/** The one reason of an automatic approval. */
export const AUTO_RULE = "auto_send_licensed";

const WORDS_MAX = 300;

/** A reason as events carry it; words that quote a draft are cut rather than refused. */
export const reason = (rule: string, words: string): Reason => ({
  rule,
  words: words.length <= WORDS_MAX ? words : `${words.slice(0, WORDS_MAX - 1)}…`,
});
