import { type Sql, sql } from "@opsdesk/database";

export interface ScenarioRow {
  readonly tenant: string;
  readonly scenarioId: string;
  readonly version: string;
  readonly body: unknown;
}

/** A version is its content, so one that is there already is the same. */
export const scenariosKept = (rows: readonly ScenarioRow[]): Sql => sql`
  insert into evaluation.golden_scenarios (tenant, scenario_id, version, body)
  select u.tenant, u.scenario_id, u.version, u.body::jsonb
  from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.scenarioId)}::text[], ${rows.map((row) => row.version)}::text[],
    ${rows.map((row) => JSON.stringify(row.body))}::text[]) u(tenant, scenario_id, version, body)
  on conflict do nothing`;
