/** Every way this service refuses or fails. Each has a heading in failure-modes.md. */
export type ErrorCode =
  | "config_invalid"
  | "secret_unreadable"
  | "command_unknown"
  | "arguments_invalid"
  | "command_needs_http"
  | "endpoint_not_found"
  | "endpoint_exists"
  | "endpoint_not_enabled"
  | "endpoint_secret_missing"
  | "endpoint_url_refused"
  | "owner_unknown"
  | "team_unknown"
  | "delivery_not_found"
  | "idempotency_key_reused"
  | "review_not_found"
  | "decision_token_unknown"
  | "decision_link_expired"
  | "decision_already_closed";

/** Why an attempt, and in the end a delivery, did not succeed. */
export type AttemptErrorCode =
  | "http_error"
  | "redirect_refused"
  | "endpoint_gone"
  | "timed_out"
  | "address_refused"
  | "name_unresolved"
  | "connection_failed"
  | "response_broken"
  | "endpoint_disabled"
  | "endpoint_deleted"
  | "secret_missing"
  | "attempt_failed";
