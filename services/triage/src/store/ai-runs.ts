import { type Sql, sql } from "@opsdesk/database";
import type { Run } from "@opsdesk/schemas/common";

export interface RunRow {
  readonly tenant: string;
  readonly ticketId: string | null;
  readonly conversationVersion: number | null;
  readonly run: Run;
}

export const insertRuns = (rows: readonly RunRow[]): Sql =>
  sql`insert into triage.ai_runs (tenant, ticket_id, conversation_version, run_id, job, outcome, reason, model, prompt_version, input_hash, output_hash,
        input_tokens, output_tokens, cost_micros, latency_ms, started_at)
      select * from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.ticketId)}::text[], ${rows.map((row) => row.conversationVersion)}::int[],
        ${rows.map(({ run }) => run.runId)}::text[], ${rows.map(({ run }) => run.job)}::text[], ${rows.map(({ run }) => run.outcome)}::text[],
        ${rows.map(({ run }) => run.reason ?? null)}::text[], ${rows.map(({ run }) => run.model)}::text[], ${rows.map(({ run }) => run.promptVersion)}::text[],
        ${rows.map(({ run }) => run.inputHash)}::text[], ${rows.map(({ run }) => run.outputHash)}::text[], ${rows.map(({ run }) => run.inputTokens)}::int[],
        ${rows.map(({ run }) => run.outputTokens)}::int[], ${rows.map(({ run }) => run.costMicros)}::bigint[], ${rows.map(({ run }) => run.latencyMs)}::float8[],
        ${rows.map(({ run }) => run.startedAt)}::timestamptz[])
      on conflict (tenant, run_id) do nothing`;
