import type { Database } from "./database.ts";
import { identifier, sql } from "./sql.ts";

/**
 * What lets a slice's app role analyse tables that it does not own, and nothing else of theirs. To be created by the
 * slice's owner, whose rights it has.
 *
 * Prepared statements keep the plans that they got when all was empty, until a table is analysed. Autovacuum comes once a
 * minute: an import had by then thousands of tickets, each of which was looked for among all of them.
 */
export function statisticsFunction(schema: string): string {
  const name = identifier(schema).render().text;
  return `
    create or replace function ${name}.analyse_grown() returns text[]
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
    declare
      analysed text[] := '{}';
      grown text;
    begin
      -- Another replica is at it.
      if not pg_try_advisory_xact_lock(hashtext('${name}.analyse_grown')) then return analysed; end if;
      for grown in
        select format('%I.%I', '${name}', c.relname) from pg_class c
        where c.relnamespace = '${name}'::regnamespace and c.relkind = 'r'
          and pg_stat_get_live_tuples(c.oid) > 200 + 2 * greatest(c.reltuples, 0)
      loop
        execute 'analyze ' || grown;
        analysed := analysed || grown;
      end loop;
      return analysed;
    end $$;
  `;
}

/** Gives tables that have more than doubled their statistics, as the slice's app role. Answers which. */
export async function analyseGrown(app: Database, schema: string): Promise<readonly string[]> {
  const [row] = await app.query<{ analysed: readonly string[] }>(
    sql`select ${identifier(schema)}.analyse_grown() as analysed`,
  );
  return row?.analysed ?? [];
}
