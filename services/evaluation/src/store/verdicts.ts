import { type Read, type Sql, sql } from "@opsdesk/database";

interface RunRef {
  readonly tenant: string;
  readonly runId: string;
}

/** Everything that a scenario's verdict rests on has come. Written over `scenario_results s`. */
const settled = sql`(s.disposition = 'review_required' or (s.disposition = 'auto_approved' and s.reply_outcome is not null))`;

export interface StoredProgress extends RunRef {
  readonly status: string;
  readonly correlationId: string;
  readonly requestedAt: Date;
  readonly deadlineAt: Date;
  readonly submittedAt: Date | null;
  readonly pending: number;
}

/** Runs and how many of their scenarios are still out. */
export const progressOf = (read: Read, refs: readonly RunRef[]): Promise<readonly StoredProgress[]> =>
  read.query<StoredProgress>(sql`
    select r.tenant, r.run_id as "runId", r.status, r.correlation_id as "correlationId", r.requested_at as "requestedAt",
      r.deadline_at as "deadlineAt", r.submitted_at as "submittedAt",
      (select count(*)::int from evaluation.scenario_results s where s.tenant = r.tenant and s.run_id = r.run_id and not coalesce(${settled}, false)) as pending
    from (select distinct * from unnest(${refs.map((ref) => ref.tenant)}::text[], ${refs.map((ref) => ref.runId)}::text[])) u(tenant, run_id)
    join evaluation.agent_evaluation_runs r on r.tenant = u.tenant and r.run_id = u.run_id`);

export interface StoredResult extends RunRef {
  readonly scenario: unknown;
  readonly disposition: string | null;
  readonly observation: unknown;
  readonly replyOutcome: string | null;
  readonly replyCarrier: string | null;
  readonly replyText: string | null;
  readonly latencyMs: number | null;
  readonly costMicros: number;
}

/** All results of runs that can end, each with the version of its scenario that was run. */
export const resultsOf = (read: Read, refs: readonly RunRef[]): Promise<readonly StoredResult[]> =>
  read.query<StoredResult>(sql`
    select s.tenant, s.run_id as "runId", g.body as scenario, s.disposition, s.observation, s.reply_outcome as "replyOutcome",
      s.reply_carrier as "replyCarrier", s.reply_text as "replyText", s.latency_ms as "latencyMs", s.cost_micros as "costMicros"
    from unnest(${refs.map((ref) => ref.tenant)}::text[], ${refs.map((ref) => ref.runId)}::text[]) u(tenant, run_id)
    join evaluation.scenario_results s on s.tenant = u.tenant and s.run_id = u.run_id
    join evaluation.golden_scenarios g on g.tenant = s.tenant and g.scenario_id = s.scenario_id and g.version = s.scenario_version
    order by s.tenant, s.run_id, s.scenario_id`);

interface Judged extends RunRef {
  readonly verdicts: readonly { readonly scenarioId: string; readonly passed: boolean; readonly problems: unknown }[];
}

export function verdictsWritten(runs: readonly Judged[]): Sql {
  const rows = runs.flatMap(({ tenant, runId, verdicts }) =>
    verdicts.map((verdict) => ({ ...verdict, tenant, runId })),
  );
  return sql`
  update evaluation.scenario_results s set passed = u.passed, problems = u.problems::jsonb
  from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.runId)}::text[], ${rows.map((row) => row.scenarioId)}::text[],
    ${rows.map((row) => row.passed)}::boolean[], ${rows.map((row) => JSON.stringify(row.problems))}::text[]) u(tenant, run_id, scenario_id, passed, problems)
  where s.tenant = u.tenant and s.run_id = u.run_id and s.scenario_id = u.scenario_id`;
}

interface Missing extends RunRef {
  readonly unanswered: readonly string[];
  readonly unreplied: readonly string[];
}

/** What was judged as missing must still be missing: an answer that has just come in makes the run be judged again. */
export function stillMissing(runs: readonly Missing[]): { readonly held: Sql; readonly count: number } {
  const rows = runs.flatMap(({ tenant, runId, unanswered, unreplied }) => [
    ...unanswered.map((scenarioId) => ({ tenant, runId, scenarioId, what: "answer" })),
    ...unreplied.map((scenarioId) => ({ tenant, runId, scenarioId, what: "reply" })),
  ]);
  return {
    count: rows.length,
    held: sql`
  select 1 from evaluation.scenario_results s
  join unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.runId)}::text[], ${rows.map((row) => row.scenarioId)}::text[],
    ${rows.map((row) => row.what)}::text[]) g(tenant, run_id, scenario_id, what)
    on s.tenant = g.tenant and s.run_id = g.run_id and s.scenario_id = g.scenario_id
  where case g.what when 'answer' then s.disposition is null else s.reply_outcome is null end for update of s`,
  };
}
