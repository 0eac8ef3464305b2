/** Everything that this service refuses or gives up on. Each has a heading in failure-modes.md. */
export type EvaluationErrorCode =
  | "command_invalid"
  | "command_unknown"
  | "config_invalid"
  | "desk_not_configured"
  | "idempotency_key_reused"
  | "not_allowed"
  | "run_failed"
  | "run_not_found"
  | "run_unfinished"
  | "scenario_timeout"
  | "scenario_unknown"
  | "scenarios_missing"
  | "score_failed";
