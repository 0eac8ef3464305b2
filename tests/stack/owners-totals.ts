import type { Total, Totals } from "@opsdesk/analytics/reconcile";
import pg from "pg";

const COUNTS: Readonly<Record<keyof Totals, string>> = {
  tickets: "select tenant, status as key, count(*)::int as count from ingest.tickets group by 1, 2",
  categories:
    "select tenant, category_id as key, count(*)::int as count from ingest.tickets where category_id is not null group by 1, 2",
  drafts: "select tenant, outcome as key, count(*)::int as count from ingest.ticket_drafts group by 1, 2",
  dispositions: "select tenant, state as key, count(*)::int as count from safety_gate.dispositions group by 1, 2",
  deliveries: `select tenant, state as key, count(*)::int as count from webhook.webhook_deliveries
    where state in ('delivered', 'failed') group by 1, 2`,
};

/** What the owners' own slices count, without rehearsals. */
export async function ownersTotals(url: string): Promise<Totals> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const totals: Record<string, readonly Total[]> = {};
    for (const [what, statement] of Object.entries(COUNTS)) {
      const { rows } = await client.query<Total>(statement);
      totals[what] = rows.filter(({ tenant }) => !tenant.endsWith("~eval"));
    }
    // One for each name of COUNTS, which has those of Totals.
    return totals as unknown as Totals;
  } finally {
    await client.end();
  }
}
