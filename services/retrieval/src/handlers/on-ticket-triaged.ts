import type { Desks, KnownDesk } from "@opsdesk/desk";
import { type AnyHandler, handler, lastBy } from "@opsdesk/messaging";
import type { RetrievalPolicy } from "../decide/retrieval-policy.ts";
import { type RetrievalRequest, startRetrieval } from "../decide/start-retrieval.ts";
import { requestKey, requestsKept } from "../store/requests.ts";

export const onTicketTriaged = (desks: Desks, policy: RetrievalPolicy): AnyHandler =>
  handler<"ticket.triaged", ReadonlyMap<string, KnownDesk>, RetrievalRequest>("ticket.triaged", {
    load: (read, events) =>
      desks.byTenant(
        read,
        events.map((event) => event.tenantid),
      ),
    decide: (event, known, { now }) =>
      startRetrieval(event.tenantid, event.data, known.get(event.tenantid)?.desk, policy, now),
    save: (rows) => ({ writes: [requestsKept(lastBy(rows, requestKey))] }),
  });
