import type { Database } from "@opsdesk/database";
import type { Projection } from "@opsdesk/messaging";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { ContextRetrieved } from "@opsdesk/schemas/context-retrieved";
import type { KnowledgeSourceIndexed } from "@opsdesk/schemas/knowledge-source-indexed";
import type { GraphPlace, GraphStore, GraphTicket } from "../clients/graph.ts";
import { edgesOfTickets, type StoredEdge, ticketsWithEdges } from "../store/graph.ts";
import { sourcesProjected } from "../store/projected.ts";

const FILL_TICKETS = 500;

interface TicketRef {
  readonly tenant: string;
  readonly ticketId: string;
}

function ticketsOf(edges: readonly StoredEdge[]): GraphTicket[] {
  return [...Map.groupBy(edges, ({ tenant, ticketId }) => `${tenant}\u001f${ticketId}`).values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { tenant, ticketId, reference } = first;
    return [
      {
        tenant,
        ticketId,
        reference,
        aggregateVersion: Math.max(...own.map(({ aggregateVersion }) => aggregateVersion)),
        anchors: own.flatMap(({ at, kind, target }) =>
          kind === "source" ? [] : [{ kind, id: target, at: at.toISOString() }],
        ),
        sourceIds: own.flatMap(({ kind, target }) => (kind === "source" ? [target] : [])),
      },
    ];
  });
}

/**
 * The graph as a copy of the edges that Postgres holds: an event only says where to look. It follows
 * `context.retrieved`, which this service publishes once a ticket's edges are there.
 */
export function graphProjection({
  database,
  graph,
}: {
  readonly database: Database;
  readonly graph: GraphStore;
}): Projection {
  const copyTickets = async (place: GraphPlace, refs: readonly TicketRef[]): Promise<void> => {
    const tickets = ticketsOf(await edgesOfTickets(database, refs));
    const given = tickets.flatMap(({ tenant, sourceIds }) => sourceIds.map((sourceId) => ({ tenant, sourceId })));
    await place.write(tickets, await sourcesProjected(database, given));
  };
  const copy = async (place: GraphPlace, events: readonly Envelope[]): Promise<void> => {
    const retrieved = events.filter((event): event is Envelope<ContextRetrieved> => event.type === "context.retrieved");
    // Indexed and retired name their source alike.
    const sources = events.filter(
      (event): event is Envelope<Pick<KnowledgeSourceIndexed, "sourceId">> => event.type !== "context.retrieved",
    );
    await copyTickets(
      place,
      retrieved.map(({ data, tenantid }) => ({ tenant: tenantid, ticketId: data.ticketId })),
    );
    await place.write(
      [],
      await sourcesProjected(
        database,
        sources.map(({ data, tenantid }) => ({ tenant: tenantid, sourceId: data.sourceId })),
      ),
    );
  };
  const fill = async (place: GraphPlace): Promise<void> => {
    for (let cursor: TicketRef | undefined; ;) {
      const tickets = await ticketsWithEdges(database, cursor, FILL_TICKETS);
      await copyTickets(place, tickets);
      cursor = tickets.at(-1);
      if (cursor === undefined) return;
    }
  };
  return {
    types: ["context.retrieved", "knowledge.source_indexed", "knowledge.source_retired"],
    project: async (events) => await copy(await graph.live(fill), events),
    rebuild: async () => {
      const place = await graph.create();
      return { project: (events) => copy(place, events), activate: () => place.activate() };
    },
  };
}
