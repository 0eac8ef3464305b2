/** The closed list of this service's codes. Each has a heading in failure-modes.md. */
export type ConsoleErrorCode =
  | "config_invalid"
  | "forbidden"
  | "request_invalid"
  | "stream_refused"
  | "story_not_found"
  | "review_not_found"
  | "desk_not_configured"
  | "actor_not_in_desk"
  | "idempotency_key_reused";
