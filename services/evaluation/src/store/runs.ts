import { type Read, type Sql, sql } from "@opsdesk/database";

interface RunRef {
  readonly tenant: string;
  readonly runId: string;
}

interface NewRun extends RunRef {
  readonly requestedBy: string;
  readonly requestHash: string;
  readonly correlationId: string;
  readonly deskVersion: number;
  readonly requestedAt: string;
  readonly deadlineAt: string;
  readonly scenarios: readonly {
    readonly scenarioId: string;
    readonly version: string;
    readonly correlationId: string;
  }[];
}

export const runsStarted = (rows: readonly NewRun[]): Sql => sql`
  insert into evaluation.agent_evaluation_runs (tenant, run_id, status, requested_by, request_hash, correlation_id, desk_version, scenarios, requested_at, deadline_at)
  select u.tenant, u.run_id, 'queued', u.requested_by, u.request_hash, u.correlation_id, u.desk_version, u.scenarios, u.requested_at, u.deadline_at
  from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.runId)}::text[], ${rows.map((row) => row.requestedBy)}::text[],
    ${rows.map((row) => row.requestHash)}::text[], ${rows.map((row) => row.correlationId)}::text[], ${rows.map((row) => row.deskVersion)}::bigint[],
    ${rows.map((row) => row.scenarios.length)}::int[], ${rows.map((row) => row.requestedAt)}::timestamptz[], ${rows.map((row) => row.deadlineAt)}::timestamptz[])
    u(tenant, run_id, requested_by, request_hash, correlation_id, desk_version, scenarios, requested_at, deadline_at)`;

export function resultsOpened(runs: readonly NewRun[]): Sql {
  const rows = runs.flatMap(({ tenant, runId, scenarios }) =>
    scenarios.map((scenario) => ({ ...scenario, tenant, runId })),
  );
  return sql`
  insert into evaluation.scenario_results (tenant, run_id, scenario_id, scenario_version, correlation_id, cost_micros)
  select u.*, 0
  from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.runId)}::text[], ${rows.map((row) => row.scenarioId)}::text[],
    ${rows.map((row) => row.version)}::text[], ${rows.map((row) => row.correlationId)}::text[]) u`;
}

export interface StoredSubmission extends RunRef {
  readonly status: string;
  readonly deskVersion: number;
  /** Undefined until the shadow's desk has arrived. */
  readonly shadowVersion: number | null;
  readonly scenarios: readonly { readonly correlationId: string; readonly scenario: unknown }[];
}

/** Runs with the scenarios that they submit. One statement. */
export const submissions = (
  read: Read,
  refs: readonly RunRef[],
  shadows: readonly string[],
): Promise<readonly StoredSubmission[]> =>
  read.query<StoredSubmission>(sql`
    select r.tenant, r.run_id as "runId", r.status, r.desk_version as "deskVersion", d.version as "shadowVersion",
      (select json_agg(json_build_object('correlationId', s.correlation_id, 'scenario', g.body) order by s.scenario_id)
       from evaluation.scenario_results s
       join evaluation.golden_scenarios g on g.tenant = s.tenant and g.scenario_id = s.scenario_id and g.version = s.scenario_version
       where s.tenant = r.tenant and s.run_id = r.run_id) as scenarios
    from unnest(${refs.map((ref) => ref.tenant)}::text[], ${refs.map((ref) => ref.runId)}::text[], ${shadows}::text[]) u(tenant, run_id, shadow)
    join evaluation.agent_evaluation_runs r on r.tenant = u.tenant and r.run_id = u.run_id
    left join evaluation.desks d on d.tenant = u.shadow`);

/** Only what still waits: a run whose deadline has passed meanwhile stays ended. */
export const runsHeld = (refs: readonly RunRef[], statuses: readonly string[]): Sql => sql`
  select 1 from evaluation.agent_evaluation_runs r
  join unnest(${refs.map((ref) => ref.tenant)}::text[], ${refs.map((ref) => ref.runId)}::text[]) g(tenant, run_id)
    on r.tenant = g.tenant and r.run_id = g.run_id
  where r.status = any(${statuses}::text[]) for update of r`;

export const runsSubmitted = (rows: readonly (RunRef & { readonly submittedAt: string })[]): Sql => sql`
  update evaluation.agent_evaluation_runs r set status = 'running', submitted_at = u.submitted_at
  from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.runId)}::text[], ${rows.map((row) => row.submittedAt)}::timestamptz[])
    u(tenant, run_id, submitted_at)
  where r.tenant = u.tenant and r.run_id = u.run_id`;

interface Finished extends RunRef {
  readonly status: string;
  readonly failure: string | null;
  readonly completedAt: string;
  readonly passed: number | null;
  readonly scores: unknown;
}

export const runsFinished = (rows: readonly Finished[]): Sql => sql`
  update evaluation.agent_evaluation_runs r
  set status = u.status, failure = u.failure, completed_at = u.completed_at, passed = u.passed, scores = u.scores::jsonb
  from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.runId)}::text[], ${rows.map((row) => row.status)}::text[],
    ${rows.map((row) => row.failure)}::text[], ${rows.map((row) => row.completedAt)}::timestamptz[], ${rows.map((row) => row.passed)}::int[],
    ${rows.map((row) => (row.scores === null ? null : JSON.stringify(row.scores)))}::text[])
    u(tenant, run_id, status, failure, completed_at, passed, scores)
  where r.tenant = u.tenant and r.run_id = u.run_id`;
