import { type Read, type Sql, sql } from "@opsdesk/database";

/** The generation that is read, for use inside other statements. */
export const activeGeneration = (): Sql => sql`(select generation from console.projection_generations where active)`;

/** Makes room for a further generation; one that is there already stays as it is. */
export async function openGeneration(read: Read, generation: number): Promise<void> {
  await read.query(
    sql`insert into console.projection_generations (generation, active) values (${generation}::integer, false) on conflict do nothing`,
  );
}

/** Reads go to this generation from now on. Answers false, and changes nothing, when it was never opened. */
export async function switchGeneration(read: Read, generation: number): Promise<boolean> {
  const rows = await read.query<{ generation: number }>(
    sql`update console.projection_generations
        set active = (generation = ${generation}::integer), switched_at = case when generation = ${generation}::integer then now() else switched_at end
        where exists (select from console.projection_generations where generation = ${generation}::integer) returning generation`,
  );
  return rows.length > 0;
}

/** Forgets a generation that nobody reads. Answers false, and changes nothing, for the active one. */
export async function dropGeneration(read: Read, generation: number): Promise<boolean> {
  const rows = await read.query<{ generation: number }>(
    sql`with gone as (delete from console.projection_generations where generation = ${generation}::integer and not active returning generation),
          e as (delete from console.events where generation in (select generation from gone)),
          s as (delete from console.stories where generation in (select generation from gone)),
          r as (delete from console.reviews where generation in (select generation from gone))
        select generation from gone`,
  );
  return rows.length > 0;
}
