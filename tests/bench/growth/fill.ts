import type pg from "pg";
import { type Column, FAR, copied } from "./shape.ts";
import { SCHEMAS, type Sizes } from "./store.ts";

export interface Filling {
  /** Tickets that are there, and that each copy adds. */
  readonly tickets: number;
  readonly copies: number;
  /** Without what is kept out of line: where a disk does not hold it. */
  readonly withoutBodies: boolean;
  /** How full the leaves of each index are in a store that real tickets have filled, in percent. */
  readonly densities: Readonly<Record<string, number>>;
  readonly say: (line: string) => void;
}

/**
 * Multiplies the rows of every table that grows by the ticket. Indexes are left aside meanwhile and built at the end, as
 * full as real ones are. Nothing else works in this database.
 */
export async function fill(client: pg.Client, sizes: Sizes, filling: Filling): Promise<void> {
  const { copies, densities, say, tickets, withoutBodies } = filling;
  // Finished jobs are gone after an hour, however many tickets are stored.
  const tables = Object.keys(sizes).filter((name) => (sizes[name]?.rows ?? 0) >= tickets / 2 && !isOfJobs(name));
  const stride = 4 * tickets;
  await client.query(
    "set session_replication_role = replica; set synchronous_commit = off; set maintenance_work_mem = '1GB'; set work_mem = '256MB'",
  );
  for (const table of tables) {
    const begun = performance.now();
    const expressions = (await columnsOf(client, table)).flatMap((column) => {
      const expression = copied(column, "$1::bigint", String(stride), withoutBodies);
      return expression === undefined ? [] : [{ name: `"${column.name}"`, expression }];
    });
    const seed = `public.growth_seed`;
    // What is stored uncompressed must come from where it is uncompressed too.
    await client.query(
      `drop table if exists ${seed}; create unlogged table ${seed} (like ${table} including storage); insert into ${seed} select * from ${table}`,
    );
    await readiness(client, table, false);
    const text = `insert into ${table} (${expressions.map(({ name }) => name).join(", ")}) select ${expressions.map(({ expression }) => expression).join(", ")} from ${seed}`;
    for (let copy = 1; copy <= copies; copy += 1) await client.query(text.replaceAll("$1::bigint", `${copy}::bigint`));
    await client.query(`drop table ${seed}`);
    const indexes = await indexesOf(client, table);
    for (const index of indexes)
      await client.query(`alter index ${index} set (fillfactor = ${clamped(densities[index] ?? 90)})`);
    await client.query(`reindex table ${table}`);
    for (const index of indexes) await client.query(`alter index ${index} reset (fillfactor)`);
    await client.query(`vacuum (analyze) ${table}`);
    say(`${table}: ${copies} copies, ${indexes.length} indexes, ${Math.round((performance.now() - begun) / 1_000)} s`);
  }
  // What gives out numbers goes on above all of them.
  await client.query(`
    update ingest.businesses set next_number = next_number + ${2 * FAR + copies * stride};
    update safety_gate.audit_heads h set sequence = (select max(sequence) from safety_gate.audit_events e where e.tenant = h.tenant);
    update webhook.webhook_endpoints p set sequence = coalesce(
      (select max(sequence) from webhook.webhook_deliveries d where d.tenant = p.tenant and d.endpoint_id = p.endpoint_id), p.sequence);
  `);
  await client.query("vacuum (analyze)");
}

const isOfJobs = (table: string): boolean => table.split(".")[0]?.endsWith("_jobs") === true;

/** Of every B-tree: how full its leaves are, in percent. */
export async function densitiesOf(client: pg.Client): Promise<Readonly<Record<string, number>>> {
  await client.query("create extension if not exists pgstattuple with schema public");
  const { rows } = await client.query<{ name: string; density: number }>(
    `select format('%s.%s', n.nspname, c.relname) as name, (select avg_leaf_density from public.pgstatindex(c.oid::regclass)) as density
      from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_am a on a.oid = c.relam
      where c.relkind = 'i' and a.amname = 'btree' and n.nspname = any($1) and pg_relation_size(c.oid) > 65536`,
    [SCHEMAS],
  );
  return Object.fromEntries(rows.map(({ density, name }) => [name, density]));
}

/** What Postgres takes as a fill factor and what makes sense of one. */
const clamped = (density: number): number => Math.round(Math.min(100, Math.max(50, density)));

/** Postgres leaves aside an index that says it is not ready; rebuilding makes it ready again. */
const readiness = (client: pg.Client, table: string, ready: boolean): Promise<unknown> =>
  client.query("update pg_index set indisready = $2, indisvalid = $2 where indrelid = $1::regclass", [table, ready]);

async function indexesOf(client: pg.Client, table: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%s.%s', n.nspname, i.relname) as name from pg_index x join pg_class i on i.oid = x.indexrelid
      join pg_namespace n on n.oid = i.relnamespace join pg_am a on a.oid = i.relam
      where x.indrelid = $1::regclass and a.amname = 'btree'`,
    [table],
  );
  return rows.map(({ name }) => name);
}

/** Bytes a row: what most rows keep within themselves does not count. */
const OUT_OF_LINE = 100;
/** A column is various when it has at least so many values for each row that has one. */
const VARIOUS = 0.02;

async function columnsOf(client: pg.Client, table: string): Promise<readonly Column[]> {
  const { rows } = await client.query<Omit<Column, "sample">>(
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attidentity <> '' or a.attgenerated <> '' as given,
        exists (select from pg_index x where x.indrelid = a.attrelid and a.attnum = any(x.indkey)) as "inIndex",
        coalesce((case when s.n_distinct < 0 then -s.n_distinct * c.reltuples else s.n_distinct end)
          > ${VARIOUS} * c.reltuples * (1 - s.null_frac), false) as various, 
        a.attstorage = 'e' and coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0) > ${OUT_OF_LINE} * c.reltuples as "outOfLine"
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      left join pg_stats s on s.schemaname = n.nspname and s.tablename = c.relname and s.attname = a.attname
      where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    [table],
  );
  const { rows: samples } = await client.query<Readonly<Record<string, string | null>>>(
    `select ${rows.map(({ name }) => `(${sampleOf(table, name)}) as "${name}"`).join(", ")}`,
  );
  return rows.map((column) => ({ ...column, sample: samples[0]?.[column.name] ?? null }));
}

/** From the middle: the first rows may be of the desk itself. */
const sampleOf = (table: string, column: string): string =>
  `select "${column}"::text from ${table} where "${column}" is not null
    offset (select count("${column}") / 2 from ${table}) limit 1`;
