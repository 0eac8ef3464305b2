/** Every way in which this service says no. Each has a heading in failure-modes.md. */
export const CODES = [
  "actor_not_in_desk",
  "assignee_not_in_desk",
  "attachment_foreign",
  "attachment_invalid",
  "automatic_mail",
  "business_conflict",
  "business_mismatch",
  "business_unknown",
  "category_not_in_desk",
  "channel_refused",
  "channel_unavailable",
  "command_invalid",
  "config_invalid",
  "desk_pack_invalid",
  "draft_retired",
  "email_invalid",
  "enquiry_not_found",
  "external_id_reused",
  "follow_up_unknown",
  "idempotency_key_reused",
  "mail_loop",
  "merge_into_itself",
  "message_unknown",
  "not_allowed",
  "nothing_to_send",
  "nothing_to_undo",
  "person_replied",
  "recipient_missing",
  "stale_version",
  "text_missing",
  "text_too_large",
  "text_unsafe",
  "ticket_closed",
  "ticket_merged",
  "ticket_not_closed",
  "ticket_unknown",
  "time_invalid",
  "time_passed",
  "try_again",
  "unauthenticated",
  "version_conflict",
] as const;
export type Code = (typeof CODES)[number];

/** A refusal as a value: who asked is told, nothing is written. */
export interface Refusal {
  readonly code: Code;
  readonly message: string;
}
