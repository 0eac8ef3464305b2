import type { SearchStore } from "./clients/store.ts";
import { openSearchStore } from "./clients/opensearch.ts";
import { aliasOf } from "./decide/generation.ts";
import { type Difference, type Total, type Totals, differences } from "./decide/reconcile.ts";

export type { Difference, Total, Totals } from "./decide/reconcile.ts";

/** How often composite buckets are asked for at once. */
const PAGE = 1_000;

export interface Reconciliation {
  /** What the index counts. */
  totals(): Promise<Totals>;
  /**
   * Where that differs from the owners' own counts: tickets by status and by category (`ingest.tickets`), drafts by
   * outcome (`ingest.ticket_drafts`), dispositions by state (`safety_gate.dispositions`), ended deliveries by state
   * (`webhook.webhook_deliveries`), without shadow tenants.
   */
  compare(source: Totals): Promise<readonly Difference[]>;
  close(): Promise<void>;
}

/** For a command: needs the search server alone. */
export function reconciliation(options: { readonly url: string; readonly prefix?: string }): Reconciliation {
  const store = openSearchStore(options.url);
  const counts = countsIn(store, options.prefix ?? "opsdesk");
  return {
    totals: counts,
    compare: async (source) => differences(source, await counts()),
    close: () => store.close(),
  };
}

function countsIn(store: SearchStore, prefix: string): () => Promise<Totals> {
  async function by(collection: string, field: string, query: object): Promise<readonly Total[]> {
    const totals: Total[] = [];
    for (let after: object | undefined; ;) {
      const composite = {
        size: PAGE,
        sources: [{ tenant: { terms: { field: "tenant" } } }, { key: { terms: { field } } }],
        ...(after === undefined ? {} : { after }),
      };
      const { aggregations } = await store.search(aliasOf(prefix, collection), {
        size: 0,
        query,
        aggs: { totals: { composite } },
      });
      // The answer to the aggregation above.
      const page = aggregations?.["totals"] as CompositePage | undefined;
      totals.push(...(page?.buckets ?? []).map(({ key, doc_count: count }) => ({ ...key, count })));
      if (page?.after_key === undefined) return totals;
      after = page.after_key;
    }
  }
  return async () => {
    await store.refresh(["tickets", "drafts", "deliveries"].map((name) => aliasOf(prefix, name)).join(","));
    const [tickets, categories, drafts, dispositions, deliveries] = await Promise.all([
      // A ticket of which only a run is known has no status yet and is not counted.
      by("tickets", "status", { match_all: {} }),
      by("tickets", "categoryId", { exists: { field: "status" } }),
      by("drafts", "outcome", { match_all: {} }),
      by("drafts", "disposition", { exists: { field: "verdict" } }),
      by("deliveries", "state", { match_all: {} }),
    ]);
    return { tickets, categories, drafts, dispositions, deliveries };
  };
}

interface CompositePage {
  readonly buckets: readonly { readonly key: { tenant: string; key: string }; readonly doc_count: number }[];
  readonly after_key?: object;
}
