import type { Database, Execute } from "./database.ts";
import { sql } from "./sql.ts";

interface Worn {
  readonly name: string;
  readonly dead: boolean;
}

/**
 * What autovacuum does on a server and nothing does in the embedded Postgres: statistics for tables that have grown, so
 * that prepared statements leave the plans they got when all was empty, and room where rows have died.
 * Answers the tables it treated, at most `tablesMax` of them, the most worn first. A table is looked at again when it
 * has doubled: at a fifth, as on a server, upkeep took a tenth of the one thread that Postgres has here. Its rows count,
 * not its changes: what is changed again and again keeps the keys that plans are made by.
 */
export async function maintain(administrator: Database, tablesMax: number): Promise<readonly string[]> {
  const worn = await administrator.query<Worn>(
    sql`select format('%I.%I', s.schemaname, s.relname) as name, s.n_dead_tup > 1000 + 0.5 * s.n_live_tup as dead
        from pg_stat_user_tables s join pg_class c on c.oid = s.relid
        where s.n_live_tup > 200 + 2 * greatest(c.reltuples, 0) or s.n_dead_tup > 1000 + 0.5 * s.n_live_tup
        order by s.n_mod_since_analyze + s.n_dead_tup desc limit ${tablesMax}::bigint`,
  );
  for (const table of worn) await treat(administrator, table);
  return worn.map((table) => table.name);
}

// Not in a transaction: VACUUM cannot run in one. The name comes from the catalogue, quoted by it.
const treat = (administrator: Execute, table: Worn): Promise<unknown> =>
  administrator.execute(table.dead ? `vacuum (analyze) ${table.name}` : `analyze ${table.name}`);

const WAL_BYTES = 32 * 1024 * 1024;

/**
 * Writes a checkpoint when the write-ahead log has grown by 32 MiB since `since`; answers where it stands now. Nothing
 * else does so in the embedded Postgres: its log would grow for as long as it runs, and a start after a kill would go
 * through all of it.
 */
export async function checkpoint(administrator: Database, since: string | undefined): Promise<string> {
  const [row] = await administrator.query<{ at: string; grown: number }>(
    sql`select pg_current_wal_insert_lsn()::text as at, (pg_current_wal_insert_lsn() - coalesce(${since ?? null}::pg_lsn, '0/0'))::float8 as grown`,
  );
  if (row === undefined || (since !== undefined && row.grown < WAL_BYTES)) return since ?? "0/0";
  await administrator.execute("checkpoint");
  return row.at;
}
