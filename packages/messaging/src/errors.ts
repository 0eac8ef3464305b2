/** The closed list of this package's codes. Each has a heading in docs/failure-modes.md. */
export type MessagingCode =
  | "bus_unavailable"
  | "event_invalid"
  | "event_too_large"
  | "handler_failed"
  | "contended"
  | "deferred_too_long"
  | "record_undecodable"
  | "record_invalid"
  | "record_too_large"
  | "type_unknown"
  | "major_unknown"
  | "topic_unknown"
  | "handler_unknown"
  | "dead_letter_unknown"
  | "dead_letter_closed";
