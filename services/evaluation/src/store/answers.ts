import { type Read, type Sql, sql } from "@opsdesk/database";

interface ResultRef {
  readonly tenant: string;
  readonly runId: string;
  readonly scenarioId: string;
}

interface AwaitedRow extends ResultRef {
  readonly correlationId: string;
  readonly submittedAt: Date;
  readonly ticketId: string | null;
  readonly disposition: string | null;
  readonly replyOutcome: string | null;
}

/** Scenarios of runs under way, by correlation. One statement. */
export const awaitedScenarios = (
  read: Read,
  wanted: readonly { readonly tenant: string; readonly correlationId: string }[],
): Promise<readonly AwaitedRow[]> =>
  read.query<AwaitedRow>(sql`
    select s.tenant, s.run_id as "runId", s.scenario_id as "scenarioId", s.correlation_id as "correlationId", r.submitted_at as "submittedAt",
      s.ticket_id as "ticketId", s.disposition, s.reply_outcome as "replyOutcome"
    from (select distinct * from unnest(${wanted.map((one) => one.tenant)}::text[], ${wanted.map((one) => one.correlationId)}::text[])) u(tenant, correlation_id)
    join evaluation.scenario_results s on s.tenant = u.tenant and s.correlation_id = u.correlation_id
    join evaluation.agent_evaluation_runs r on r.tenant = s.tenant and r.run_id = s.run_id and r.status = 'running'`);

const refs = (rows: readonly ResultRef[]): Sql =>
  sql`${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.runId)}::text[], ${rows.map((row) => row.scenarioId)}::text[]`;

/** A scenario that has its verdict, and a fact that is known already, stay as they are: each `where` says so. */
const open = sql`s.tenant = u.tenant and s.run_id = u.run_id and s.scenario_id = u.scenario_id and s.passed is null`;

export const ticketsNamed = (rows: readonly (ResultRef & { readonly ticketId: string })[]): Sql => sql`
  update evaluation.scenario_results s set ticket_id = u.ticket_id
  from unnest(${refs(rows)}, ${rows.map((row) => row.ticketId)}::text[]) u(tenant, run_id, scenario_id, ticket_id)
  where ${open} and s.ticket_id is null`;

export interface Answer extends ResultRef {
  readonly ticketId: string;
  readonly disposition: string;
  readonly answeredAt: string;
  readonly latencyMs: number;
  readonly observation: unknown;
}

export const answersRecorded = (rows: readonly Answer[]): Sql => sql`
  update evaluation.scenario_results s
  set ticket_id = u.ticket_id, disposition = u.disposition, answered_at = u.answered_at, latency_ms = u.latency_ms, observation = u.observation::jsonb
  from unnest(${refs(rows)}, ${rows.map((row) => row.ticketId)}::text[], ${rows.map((row) => row.disposition)}::text[],
    ${rows.map((row) => row.answeredAt)}::timestamptz[], ${rows.map((row) => row.latencyMs)}::float8[],
    ${rows.map((row) => JSON.stringify(row.observation))}::text[])
    u(tenant, run_id, scenario_id, ticket_id, disposition, answered_at, latency_ms, observation)
  where ${open} and s.disposition is null`;

export interface Reply extends ResultRef {
  readonly outcome: string;
  readonly carrier: string | null;
  readonly text: string | null;
}

export const repliesRecorded = (rows: readonly Reply[]): Sql => sql`
  update evaluation.scenario_results s set reply_outcome = u.outcome, reply_carrier = u.carrier, reply_text = u.body
  from unnest(${refs(rows)}, ${rows.map((row) => row.outcome)}::text[], ${rows.map((row) => row.carrier)}::text[], ${rows.map((row) => row.text)}::text[])
    u(tenant, run_id, scenario_id, outcome, carrier, body)
  where ${open} and (s.reply_outcome is null or (s.reply_outcome = 'retired' and u.outcome <> 'retired'))`;

export const costsAdded = (rows: readonly (ResultRef & { readonly costMicros: number })[]): Sql => sql`
  update evaluation.scenario_results s set cost_micros = s.cost_micros + u.cost
  from (select tenant, run_id, scenario_id, sum(cost)::bigint as cost
        from unnest(${refs(rows)}, ${rows.map((row) => row.costMicros)}::bigint[]) c(tenant, run_id, scenario_id, cost) group by 1, 2, 3) u
  where ${open}`;
