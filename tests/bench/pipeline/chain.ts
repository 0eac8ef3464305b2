import type { EventType } from "@opsdesk/schemas";
import { validExamples } from "@opsdesk/schemas/examples";
import type { Ticket } from "./system.ts";

/** What the first step takes, what each hands to the next, and what the fifth tells: real contracts, each with a long text. */
export const CHAIN = [
  "enquiry.submitted",
  "ticket.message_added",
  "ticket.triaged",
  "reply.sent",
  "ai.draft.proposed",
  "document.extracted",
] as const satisfies readonly EventType[];

type Link = (typeof CHAIN)[number];
/** Of events as `eventOf` makes them, read from a topic. */
type Data = Record<string, unknown>;

/** Where each contract has the ticket, and where it has room for its text. */
const LINKS: Readonly<Record<Link, { put(example: Data, ticket: Ticket): Data; text(data: Data): unknown }>> = {
  "enquiry.submitted": {
    put: (example, { id, text }) => ({ ...example, externalId: id, text }),
    text: (data) => data["text"],
  },
  "ticket.message_added": {
    put: (example, { id, text }) => ({ ...example, ticketId: id, message: { ...(example["message"] as Data), text } }),
    text: (data) => (data["message"] as Data)["text"],
  },
  "ticket.triaged": {
    put: (example, { id, text }) => ({ ...example, ticketId: id, searchText: text }),
    text: (data) => data["searchText"],
  },
  "reply.sent": {
    put: (example, { id, text }) => ({ ...example, ticketId: id, text }),
    text: (data) => data["text"],
  },
  "ai.draft.proposed": {
    put: (example, { id, text }) => ({ ...example, ticketId: id, customerText: text }),
    text: (data) => data["customerText"],
  },
  "document.extracted": {
    put: (example, { id, text }) => ({ ...example, ticketId: id, text }),
    text: (data) => data["text"],
  },
};

const examples = new Map<Link, Data>(CHAIN.map((type) => [type, validExamples(type)[0]?.event.data as Data]));

export const eventOf = (type: Link, ticket: Ticket): Data => LINKS[type].put(examples.get(type) ?? {}, ticket);

export const ticketOf = (type: Link, data: unknown): Ticket => {
  const known = data as Data;
  return { id: String(known["ticketId"] ?? known["externalId"]), text: String(LINKS[type].text(known)) };
};
