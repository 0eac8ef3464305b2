/** The jobs of this service. */
export const QUEUES = { evaluate: "agent.evaluate", score: "agent.score" } as const;

export interface RunWork {
  readonly tenant: string;
  readonly runId: string;
}

/** Why a run ends although something is missing. */
export type End = "scenario_timeout" | "run_failed";

/** Without `end`, a run ends only when every scenario is in. */
export interface FinishWork extends RunWork {
  readonly end?: End;
}
