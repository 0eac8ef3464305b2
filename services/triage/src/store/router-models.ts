import { type Read, type Sql, sql } from "@opsdesk/database";

export interface RouterModelRow {
  readonly tenant: string;
  readonly modelId: string;
  readonly trainingHash: string;
  readonly artefactRef: string;
  readonly artefactHash: string;
  readonly trainedOn: number;
  readonly categories: number;
  readonly heldOut: { readonly accuracy: number; readonly ece: number; readonly n: number };
  readonly trainingMs: number;
  readonly usedSince: Date;
}

const columns = sql`m.tenant, m.model_id as "modelId", m.training_hash as "trainingHash", m.artefact_ref as "artefactRef", m.artefact_hash as "artefactHash",
  m.trained_on as "trainedOn", m.categories, m.held_out as "heldOut", m.training_ms as "trainingMs", m.used_since as "usedSince"`;

/** The model in use, by tenant; a tenant that was never trained is absent. */
export async function routersInUse(
  read: Read,
  tenants: readonly string[],
): Promise<Map<string, { modelId: string; artefactRef: string }>> {
  const rows = await read.query<{ tenant: string; modelId: string; artefactRef: string }>(
    sql`select distinct on (tenant) tenant, model_id as "modelId", artefact_ref as "artefactRef" from triage.router_models
        where tenant = any(${tenants}::text[]) order by tenant, used_since desc, model_id`,
  );
  return new Map(rows.map(({ tenant, ...router }) => [tenant, router]));
}

/** Every model of a tenant, the one in use first. */
export async function routersOf(read: Read, tenants: readonly string[]): Promise<readonly RouterModelRow[]> {
  return await read.query<RouterModelRow>(
    sql`select ${columns} from triage.router_models m where m.tenant = any(${tenants}::text[]) order by m.tenant, m.used_since desc, m.model_id`,
  );
}

/** A model never changes; one that is used again only moves to the front. */
export const useRouters = (rows: readonly Omit<RouterModelRow, "usedSince">[], usedSince: readonly string[]): Sql =>
  sql`insert into triage.router_models (tenant, model_id, training_hash, artefact_ref, artefact_hash, trained_on, categories, held_out, training_ms, used_since)
      select t, i, h, r, a, n, c, o::jsonb, m, s from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.modelId)}::text[],
        ${rows.map((row) => row.trainingHash)}::text[], ${rows.map((row) => row.artefactRef)}::text[], ${rows.map((row) => row.artefactHash)}::text[],
        ${rows.map((row) => row.trainedOn)}::int[], ${rows.map((row) => row.categories)}::int[], ${rows.map((row) => JSON.stringify(row.heldOut))}::text[],
        ${rows.map((row) => row.trainingMs)}::float8[], ${usedSince}::timestamptz[]) u(t, i, h, r, a, n, c, o, m, s)
      on conflict (tenant, model_id) do update set used_since = excluded.used_since`;
