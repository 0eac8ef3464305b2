import { type AnyHandler, handler } from "@opsdesk/messaging";
import { type Book, type TicketRows, fold } from "../decide/book.ts";
import { retireForSource } from "../decide/retire-for-source.ts";
import { loadTicketsCiting } from "../store/load-tickets.ts";
import { saveTickets } from "../store/save-tickets.ts";
import { toBook } from "./load-book.ts";

export const onSourceRetired: AnyHandler = handler<"knowledge.source_retired", Book, TicketRows>(
  "knowledge.source_retired",
  {
    load: async (read, events) =>
      toBook(
        await loadTicketsCiting(
          read,
          events.map(({ tenantid, data }) => ({ tenant: tenantid, id: data.sourceId })),
        ),
      ),
    decide: ({ tenantid, data }, book, { now }) =>
      retireForSource(
        {
          tenant: tenantid,
          sourceId: data.sourceId,
          below: data.version + 1,
          detail: `${data.sourceId} was retired (${data.reason})`,
        },
        book,
        now,
      ),
    evolve: fold,
    save: saveTickets,
  },
);
