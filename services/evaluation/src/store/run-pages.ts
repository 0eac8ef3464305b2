import { type Read, sql } from "@opsdesk/database";

/** A run as it is shown. */
export interface RunPageRow {
  readonly runId: string;
  readonly status: string;
  readonly requestedBy: string;
  readonly requestHash: string;
  readonly deskVersion: number;
  readonly scenarios: number;
  /** Scenarios that a disposition has come from. */
  readonly answered: number;
  readonly requestedAt: Date;
  readonly deadlineAt: Date;
  readonly submittedAt: Date | null;
  readonly completedAt: Date | null;
  readonly passed: number | null;
  readonly scores: unknown;
  readonly failure: string | null;
}

const columns = sql`r.run_id as "runId", r.status, r.requested_by as "requestedBy", r.request_hash as "requestHash", r.desk_version as "deskVersion", r.scenarios,
  (select count(*)::int from evaluation.scenario_results s where s.tenant = r.tenant and s.run_id = r.run_id and s.disposition is not null) as answered,
  r.requested_at as "requestedAt", r.deadline_at as "deadlineAt", r.submitted_at as "submittedAt", r.completed_at as "completedAt", r.passed, r.scores, r.failure`;

/** A tenant's runs, newest first; `after` is the last run of the page before. */
export const runPage = (
  read: Read,
  tenant: string,
  after: string | undefined,
  limit: number,
): Promise<readonly RunPageRow[]> =>
  read.query<RunPageRow>(sql`
    select ${columns} from evaluation.agent_evaluation_runs r
    where r.tenant = ${tenant} and (${after ?? null}::text is null or (r.requested_at, r.run_id) <
      (select a.requested_at, a.run_id from evaluation.agent_evaluation_runs a where a.tenant = ${tenant} and a.run_id = ${after ?? null}::text))
    order by r.requested_at desc, r.run_id desc limit ${limit}`);

export async function runById(read: Read, tenant: string, runId: string): Promise<RunPageRow | undefined> {
  const rows = await read.query<RunPageRow>(
    sql`select ${columns} from evaluation.agent_evaluation_runs r where r.tenant = ${tenant} and r.run_id = ${runId}`,
  );
  return rows[0];
}

export interface ResultPageRow {
  readonly scenarioId: string;
  readonly version: string;
  readonly title: string;
  readonly kind: string;
  readonly ticketId: string | null;
  readonly disposition: string | null;
  readonly latencyMs: number | null;
  readonly costMicros: number;
  readonly observation: unknown;
  readonly replyOutcome: string | null;
  readonly replyCarrier: string | null;
  readonly passed: boolean | null;
  readonly problems: unknown;
}

/** Every scenario of a run; at most as many as a desk may have (500). */
export const resultPage = (read: Read, tenant: string, runId: string): Promise<readonly ResultPageRow[]> =>
  read.query<ResultPageRow>(sql`
    select s.scenario_id as "scenarioId", s.scenario_version as version, g.body->>'title' as title, g.body->>'kind' as kind, s.ticket_id as "ticketId",
      s.disposition, s.latency_ms as "latencyMs", s.cost_micros as "costMicros", s.observation, s.reply_outcome as "replyOutcome",
      s.reply_carrier as "replyCarrier", s.passed, s.problems
    from evaluation.scenario_results s
    join evaluation.golden_scenarios g on g.tenant = s.tenant and g.scenario_id = s.scenario_id and g.version = s.scenario_version
    where s.tenant = ${tenant} and s.run_id = ${runId} order by s.scenario_id`);
