/** Every way this service refuses or fails. Each has a heading in failure-modes.md. */
export const ERROR_CODES = [
  "content_hash_mismatch",
  "content_missing",
  "content_not_text",
  "content_too_large",
  "blob_foreign",
  "blob_unavailable",
  "command_unknown",
  "arguments_invalid",
  "source_not_found",
  "source_too_many_chunks",
  "embedding_unavailable",
  "search_unavailable",
  "search_refused",
  "graph_unavailable",
  "graph_refused",
  "request_unknown",
  "idempotency_key_reused",
  "config_invalid",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];
