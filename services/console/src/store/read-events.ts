import { type Read, sql } from "@opsdesk/database";
import { activeGeneration } from "./generations.ts";

export interface KeptRow {
  readonly position: number;
  /** The envelope as JSON. */
  readonly body: string;
}

export interface EventFilter {
  /** A ticket's id or its reference. */
  readonly ticket: string | undefined;
  readonly types: readonly string[] | undefined;
  /** Events behind this position. */
  readonly after: number;
  readonly limit: number;
}

/** A page of a tenant's events in the order of their positions. */
export async function pageOfEvents(
  read: Read,
  tenant: string,
  { ticket, types, after, limit }: EventFilter,
): Promise<readonly KeptRow[]> {
  const wanted = sql`e.tenant = ${tenant} and e.generation = ${activeGeneration()} and e.position > ${after}::bigint
    and (${types ?? null}::text[] is null or e.type = any(${types ?? null}::text[]))`;
  // Two texts, so that each is planned for its own index.
  const ofTicket = sql`and e.ticket_id = coalesce((select s.ticket_id from console.stories s
    where s.tenant = ${tenant} and s.generation = ${activeGeneration()} and s.reference = ${ticket ?? null}::text limit 1), ${ticket ?? null}::text)`;
  return await read.query<KeptRow>(
    sql`select e.position, e.body from console.events e where ${wanted} ${ticket === undefined ? sql`` : ofTicket} order by e.position limit ${limit}::bigint`,
  );
}

/** A story longer than this is told from its beginning only. */
const STORY_EVENTS_MAX = 5_000;

export const eventsOfTicket = (read: Read, tenant: string, ticketId: string): Promise<readonly KeptRow[]> =>
  read.query<KeptRow>(
    sql`select position, body from console.events where tenant = ${tenant} and generation = ${activeGeneration()} and ticket_id = ${ticketId}
        order by position limit ${STORY_EVENTS_MAX}::bigint`,
  );

/** The newest position of each of these tenants; 0 where nothing has been heard. One look at the end of an index each. */
export async function headPositions(read: Read, tenants: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await read.query<{ tenant: string; position: number | null }>(
    sql`select t.tenant, (select e.position from console.events e where e.tenant = t.tenant and e.generation = g.generation order by e.position desc limit 1) as position
        from unnest(${tenants}::text[]) t(tenant), console.projection_generations g where g.active`,
  );
  return new Map(rows.map((row) => [row.tenant, row.position ?? 0]));
}

/** What the gate has said about this ticket's decisions. */
export const answersToDecisions = (read: Read, tenant: string, ticketId: string): Promise<readonly KeptRow[]> =>
  read.query<KeptRow>(
    sql`select position, body from console.events where tenant = ${tenant} and generation = ${activeGeneration()} and ticket_id = ${ticketId}
          and type in ('ai.draft.reviewed', 'ai.draft.decision_refused') order by position`,
  );
