import { TransientError } from "@opsdesk/errors";
import type { GraphSearch, SharedNeighbour } from "./graph.ts";
import { asked, neo4jDriver, type Neo4jOptions } from "./neo4j-driver.ts";
import { anchorKey, ticketKey } from "./neo4j-keys.ts";

const CURRENT = "match (c:GraphCurrent {name: $name}) return c.generation as generation";

const NEIGHBOURS = `
unwind $asked as a
match (x:Anchor {key: a.anchor})
call (a, x) {
  match (x)<-[r:ABOUT]-(t:Ticket) where r.at <= a.at and t.key <> a.ticket
  return t, r.at as at order by at desc, t.ticketId limit $limit
}
return a.query as query, a.kind as kind, a.id as id, t.ticketId as ticketId, t.reference as reference, at,
       [(t)-[:GIVEN]->(s:Source) where not coalesce(s.retired, false) | s.sourceId] as sourceIds`;

interface Row {
  readonly query: number;
  readonly kind: SharedNeighbour["anchor"]["kind"];
  readonly id: string;
  readonly ticketId: string;
  readonly reference: string;
  readonly at: number;
  readonly sourceIds: readonly string[];
}

/** The neighbourhood from Neo4j: one statement for a batch, in the generation that is current when it begins. */
export function neo4jSearch(options: Neo4jOptions): GraphSearch & { close(): Promise<void> } {
  const connection = neo4jDriver(options);
  return {
    store: "neo4j",
    neighbours: (queries, limit, signal) =>
      asked(async () => {
        const session = (await connection.get()).session({ defaultAccessMode: "READ" });
        signal?.addEventListener("abort", () => void session.close().catch(() => undefined), { once: true });
        try {
          return await session.executeRead(async (tx) => {
            const [current] = (await tx.run<{ generation: string }>(CURRENT, { name: options.name })).records;
            if (current === undefined)
              throw new TransientError("graph_unavailable", "the graph has not been filled yet");
            const generation = current.get("generation");
            const anchors = queries.flatMap(({ anchors: wanted, at, tenant, ticketId }, query) =>
              wanted.map(({ kind, id }) => ({
                query,
                kind,
                id,
                anchor: anchorKey(generation, tenant, { kind, id }),
                ticket: ticketKey(generation, tenant, ticketId),
                at: Date.parse(at),
              })),
            );
            const { records } = await tx.run<Row>(NEIGHBOURS, {
              asked: anchors,
              // The driver sends every number as a float, which `limit` does not take.
              limit: BigInt(limit),
            });
            const answers: SharedNeighbour[][] = queries.map(() => []);
            for (const record of records) {
              const { query, kind, id, at, ...rest } = record.toObject();
              answers[query]?.push({ ...rest, anchor: { kind, id }, at: new Date(at).toISOString() });
            }
            return answers;
          });
        } finally {
          await session.close();
        }
      }),
    close: connection.close,
  };
}
