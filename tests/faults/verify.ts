import { join } from "node:path";
import { sql } from "@opsdesk/database";
import { PgliteInstallation } from "@opsdesk/database/pglite";
import { type Judgement, SLICES, type Sent, judge } from "./judge.ts";

export type Verdict = Judgement;

/** Opens the data directory of a stopped desk and judges it. */
export async function verify(
  dataDir: string,
  sent: Omit<Sent, "publishedOnce" | "parkedCodes" | "slices">,
): Promise<Verdict> {
  const installation = await PgliteInstallation.open({ dataDir: join(dataDir, "postgres") });
  try {
    const database = installation.as("postgres");
    await database.execute(`
      create temporary table ev as
        select topic, "partition", "offset", value::jsonb as e, value::jsonb->>'id' as id, value::jsonb->>'type' as type,
               value::jsonb->>'tenantid' as tenant, value::jsonb->'data'->>'ticketId' as ticket,
               (value::jsonb->'data'->>'conversationVersion')::int as conversation,
               (value::jsonb->'data'->>'aggregateVersion')::int as aggregate, true as first
        from bus.records where value::jsonb->>'tenantid' = 'it-helpdesk';
      create index on ev (type, ticket, conversation);
      create index on ev (tenant, id);
      analyze ev;
    `);
    const verdict = await judge(database, { ...sent, publishedOnce: true, slices: SLICES });
    const [behind] = await database.query<{ n: number }>(
      sql`select count(*) as n from bus.group_offsets g join bus.partitions p on p.topic = g.topic and p."partition" = g."partition" where g.next_offset < p.next_offset`,
    );
    if (behind?.n === 0) return verdict;
    return { ...verdict, violations: [...verdict.violations, `groups that are behind: ${behind?.n}`] };
  } finally {
    await installation.close();
  }
}
