import { type Read, type Sql, sql } from "@opsdesk/database";
import { storable } from "./jsonb.ts";

export interface ExampleRow {
  readonly tenant: string;
  readonly textHash: string;
  readonly text: string;
  readonly categoryId: string;
  readonly origin: string;
  /** RFC 3339 */
  readonly at: string;
}

export interface SetPart {
  readonly tenant: string;
  readonly set: string;
  readonly part: number;
}

/** Every labelled text, by tenant. */
export async function examplesOf(
  read: Read,
  tenants: readonly string[],
): Promise<Map<string, { text: string; categoryId: string }[]>> {
  const rows = await read.query<{ tenant: string; text: string; categoryId: string }>(
    sql`select tenant, text, category_id as "categoryId" from triage.examples where tenant = any(${tenants}::text[])`,
  );
  return Map.groupBy(rows, (row) => row.tenant);
}

/** Of two labels for one text the later stands. `rows` hold a text once. */
export const insertExamples = (rows: readonly ExampleRow[]): Sql =>
  sql`insert into triage.examples (tenant, text_hash, text, category_id, origin, labelled_at)
      select * from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.textHash)}::text[], ${rows.map((row) => storable(row.text))}::text[],
        ${rows.map((row) => row.categoryId)}::text[], ${rows.map((row) => row.origin)}::text[], ${rows.map((row) => row.at)}::timestamptz[])
      on conflict (tenant, text_hash) do update set category_id = excluded.category_id, origin = excluded.origin, labelled_at = excluded.labelled_at
      where examples.labelled_at <= excluded.labelled_at`;

/** The parts of each set that have arrived, by `<tenant>/<set>`. */
export async function partsOf(
  read: Read,
  sets: readonly { tenant: string; set: string }[],
): Promise<Map<string, Set<number>>> {
  const rows = await read.query<SetPart>(
    sql`select p.tenant, p.set_id as "set", p.part
        from (select distinct tenant, set_id from unnest(${sets.map((one) => one.tenant)}::text[], ${sets.map((one) => one.set)}::text[]) u(tenant, set_id)) k
        join triage.example_parts p using (tenant, set_id)`,
  );
  const parts = new Map<string, Set<number>>();
  for (const { part, set, tenant } of rows) {
    const key = `${tenant}/${set}`;
    const known = parts.get(key);
    if (known === undefined) parts.set(key, new Set([part]));
    else known.add(part);
  }
  return parts;
}

export const insertParts = (rows: readonly SetPart[]): Sql =>
  sql`insert into triage.example_parts (tenant, set_id, part)
      select distinct * from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.set)}::text[], ${rows.map((row) => row.part)}::int[])
      on conflict do nothing`;
