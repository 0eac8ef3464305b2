import type pg from "pg";
import { SLICES } from "../../faults/judge.ts";

/** What one table holds, in rows and in bytes on disk; indexes by name. */
export interface TableSize {
  readonly rows: number;
  readonly heap: number;
  readonly outOfLine: number;
  readonly indexes: Readonly<Record<string, number>>;
}
export type Sizes = Readonly<Record<string, TableSize>>;

export const bytesOf = (sizes: Sizes): number =>
  Object.values(sizes).reduce((sum, { heap, indexes, outOfLine }) => sum + heap + outOfLine + total(indexes), 0);

export const total = (values: Readonly<Record<string, number>>): number =>
  Object.values(values).reduce((sum, one) => sum + one, 0);

export const SCHEMAS = SLICES.flatMap((slice) => [slice, `${slice}_jobs`]);

const SIZES = `
  select format('%s.%s', n.nspname, c.relname) as name, greatest(c.reltuples, 0)::float8 as rows, pg_relation_size(c.oid)::float8 as heap,
    (pg_table_size(c.oid) - pg_relation_size(c.oid))::float8 as "outOfLine",
    coalesce((select json_object_agg(i.relname, pg_relation_size(i.oid)) from pg_index x join pg_class i on i.oid = x.indexrelid
      where x.indrelid = c.oid), '{}') as indexes
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and n.nspname = any($1) order by 1`;

export async function sizesOf(client: pg.Client): Promise<Sizes> {
  const { rows } = await client.query<TableSize & { name: string }>(SIZES, [SCHEMAS]);
  return Object.fromEntries(rows.map(({ name, ...size }) => [name, size]));
}

/** What Postgres has done so far, by what did it. Pages: 8 KiB, found in its own memory or not. */
export interface Work {
  readonly wal: { readonly bytes: number; readonly pagesWhole: number };
  readonly indexes: Readonly<Record<string, { readonly pages: number; readonly missed: number }>>;
  readonly tables: Readonly<Record<string, { readonly pages: number; readonly missed: number }>>;
  readonly statements: Readonly<Record<string, { readonly text: string; readonly calls: number; readonly ms: number }>>;
}

export async function workOf(client: pg.Client): Promise<Work> {
  const [wal] = await rowsOf<{ bytes: number; pagesWhole: number }>(
    client,
    `select wal_bytes::float8 as bytes, wal_fpi::float8 as "pagesWhole" from pg_stat_wal`,
  );
  const indexes = await rowsOf<Pages>(
    client,
    `select format('%s.%s', schemaname, indexrelname) as name, (idx_blks_hit + idx_blks_read)::float8 as pages, idx_blks_read::float8 as missed
      from pg_statio_user_indexes where schemaname = any($1)`,
    [SCHEMAS],
  );
  const tables = await rowsOf<Pages>(
    client,
    `select format('%s.%s', schemaname, relname) as name,
        (heap_blks_hit + heap_blks_read + coalesce(toast_blks_hit + toast_blks_read, 0))::float8 as pages,
        (heap_blks_read + coalesce(toast_blks_read, 0))::float8 as missed
      from pg_statio_user_tables where schemaname = any($1)`,
    [SCHEMAS],
  );
  const statements = await rowsOf<{ name: string; text: string; calls: number; ms: number }>(
    client,
    `select queryid::text || ':' || userid as name, min(left(regexp_replace(query, '\\s+', ' ', 'g'), 160)) as text, sum(calls)::float8 as calls,
        sum(total_exec_time)::float8 as ms
      from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database()) group by 1`,
  );
  const byName = <One extends { readonly name: string }>(all: readonly One[]): Readonly<Record<string, One>> =>
    Object.fromEntries(all.map((one) => [one.name, one]));
  return {
    wal: wal ?? { bytes: 0, pagesWhole: 0 },
    indexes: byName(indexes),
    tables: byName(tables),
    statements: byName(statements),
  };
}

interface Pages {
  readonly name: string;
  readonly pages: number;
  readonly missed: number;
}

async function rowsOf<Row extends pg.QueryResultRow>(
  client: pg.Client,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const { rows } = await client.query<Row>(text, [...values]);
  return rows;
}
