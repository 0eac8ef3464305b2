import type { Desks, KnownDesk } from "@opsdesk/desk";
import { type AnyHandler, handler, lastBy } from "@opsdesk/messaging";
import type { RetrievalPolicy } from "../decide/retrieval-policy.ts";
import { type StartedRetrieval, startRetrieval } from "../decide/start-retrieval.ts";
import { edgesMerged } from "../decide/ticket-edges.ts";
import { edgesKept, sitesByTenant } from "../store/graph.ts";
import { requestKey, requestsKept } from "../store/requests.ts";

interface State {
  readonly desks: ReadonlyMap<string, KnownDesk>;
  readonly sites: ReadonlyMap<string, readonly string[]>;
}

export const onTicketTriaged = (desks: Desks, policy: RetrievalPolicy): AnyHandler =>
  handler<"ticket.triaged", State, StartedRetrieval>("ticket.triaged", {
    load: async (read, events) => {
      const tenants = events.map((event) => event.tenantid);
      const [known, sites] = await Promise.all([desks.byTenant(read, tenants), sitesByTenant(read, tenants)]);
      return { desks: known, sites };
    },
    decide: ({ data, tenantid, time }, known, { now }) =>
      startRetrieval(
        { tenant: tenantid, ticket: data, at: time, sites: known.sites.get(tenantid) ?? [] },
        known.desks.get(tenantid)?.desk,
        policy,
        now,
      ),
    save: (rows) => {
      const requests = rows.flatMap(({ request }) => (request === undefined ? [] : [request]));
      return {
        writes: [
          ...(requests.length === 0 ? [] : [requestsKept(lastBy(requests, requestKey))]),
          ...edgesKept(edgesMerged(rows.flatMap(({ edges }) => edges))),
        ],
      };
    },
  });
