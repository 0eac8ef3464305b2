import { type AnyHandler, handler, ignore } from "@opsdesk/messaging";
import { type Book, type TicketRows, fold } from "../decide/book.ts";
import { retireForSource } from "../decide/retire-for-source.ts";
import { loadTicketsCiting } from "../store/load-tickets.ts";
import { saveTickets } from "../store/save-tickets.ts";
import { toBook } from "./load-book.ts";

export const onSourceIndexed: AnyHandler = handler<"knowledge.source_indexed", Book, TicketRows>(
  "knowledge.source_indexed",
  {
    load: async (read, events) =>
      toBook(
        await loadTicketsCiting(
          read,
          events
            .filter(({ data }) => data.supersedes !== null)
            .map(({ tenantid, data }) => ({ tenant: tenantid, id: data.sourceId })),
        ),
      ),
    decide: ({ tenantid, data }, book, { now }) =>
      data.supersedes === null
        ? ignore("first_version")
        : retireForSource(
            {
              tenant: tenantid,
              sourceId: data.sourceId,
              below: data.version,
              detail: `${data.sourceId} has a new version ${data.version}`,
            },
            book,
            now,
          ),
    evolve: fold,
    save: saveTickets,
  },
);
