import { newId } from "@opsdesk/identity";
import type { Driver, EagerResult, ManagedTransaction } from "neo4j-driver";
import type { GraphPlace, GraphSource, GraphStore, GraphTicket } from "./graph.ts";
import { asked, neo4jDriver, type Neo4jOptions } from "./neo4j-driver.ts";
import { anchorKey, sourceKey, ticketKey } from "./neo4j-keys.ts";
import { ADOPT, ANCHORS, CAP, FORGET, GIVEN, SCHEMA, SOURCES, SWITCH, TICKETS } from "./neo4j-statements.ts";

/** Tickets that one anchor keeps; more are no neighbourhood. */
const DEGREE_MAX = 1_000;
const BATCH = 500;
const CURRENT = "match (c:GraphCurrent {name: $name}) return c.generation as generation";

export function neo4jGraph(options: Neo4jOptions, degreeMax = DEGREE_MAX): GraphStore {
  const connection = neo4jDriver(options);
  const { name } = options;
  let prepared: Promise<void> | undefined;
  let making: Promise<string> | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  /** Batches of all partitions meet at the same hubs: side by side they only deadlock, and are run again. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  };

  const inWrite = async <T>(work: (tx: ManagedTransaction) => Promise<T>): Promise<T> => {
    const session = (await connection.get()).session();
    try {
      return await session.executeWrite(work);
    } finally {
      await session.close();
    }
  };
  const ready = async (): Promise<void> => {
    prepared ??= (async () => {
      const driver: Driver = await connection.get();
      for (const statement of SCHEMA) await driver.executeQuery(statement);
    })();
    await prepared.catch((error: unknown) => {
      prepared = undefined;
      throw error;
    });
  };
  const current = async (): Promise<string | undefined> => {
    const { records } = await (
      await connection.get()
    ).executeQuery<EagerResult<{ generation: string }>>(CURRENT, { name });
    return records[0]?.get("generation");
  };
  const forget = async (generation: string): Promise<void> => {
    for (const statement of FORGET)
      for (let deleted = BATCH; deleted >= BATCH;)
        deleted = await inWrite(async (tx) => {
          const { records } = await tx.run<{ deleted: number }>(statement, { generation, batch: BigInt(BATCH) });
          return records[0]?.get("deleted") ?? 0;
        });
  };

  const writeTo = (generationOf: () => Promise<string>): GraphPlace => ({
    write: (tickets, sources) =>
      asked(async () => {
        await ready();
        const generation = await generationOf();
        for (let from = 0; from < Math.max(tickets.length, sources.length); from += BATCH)
          await inTurn(() =>
            inWrite((tx) =>
              writeBatch(
                tx,
                generation,
                tickets.slice(from, from + BATCH),
                sources.slice(from, from + BATCH),
                degreeMax,
              ),
            ),
          );
      }),
  });
  /** Named by its time, for whoever looks into the graph. */
  const fresh = (): string => `${name}-${Date.now().toString(36)}-${newId().slice(-12)}`;

  /** The first generation, of this process or of another that was faster. */
  const first = async (fill: Parameters<GraphStore["live"]>[0]): Promise<string> => {
    const generation = fresh();
    await fill(writeTo(() => Promise.resolve(generation)));
    const kept = await inWrite(async (tx) =>
      (await tx.run<{ generation: string }>(ADOPT, { name, generation })).records[0]?.get("generation"),
    );
    if (kept !== undefined && kept !== generation) await forget(generation);
    return kept ?? generation;
  };

  return {
    live: (fill) =>
      asked(async () => {
        await ready();
        // The first batches of all partitions come at once, and one generation is enough for them.
        const generation = (await current()) ?? (await (making ??= first(fill).finally(() => (making = undefined))));
        return writeTo(() => Promise.resolve(generation));
      }),
    create: () =>
      asked(async () => {
        await ready();
        const generation = fresh();
        return {
          ...writeTo(() => Promise.resolve(generation)),
          activate: () =>
            asked(async () => {
              const before = await inWrite(async (tx) =>
                (await tx.run<{ before: string | null }>(SWITCH, { name, generation })).records[0]?.get("before"),
              );
              if (before !== undefined && before !== null && before !== generation) await forget(before);
            }),
        };
      }),
    close: connection.close,
  };
}

async function writeBatch(
  tx: ManagedTransaction,
  generation: string,
  tickets: readonly GraphTicket[],
  sources: readonly GraphSource[],
  degreeMax: number,
): Promise<void> {
  // Locks are taken in one order, so that two writers wait for each other instead of failing.
  const ordered = tickets.toSorted((a, b) =>
    `${a.tenant}\u001f${a.ticketId}` < `${b.tenant}\u001f${b.ticketId}` ? -1 : 1,
  );
  const edges = ordered.flatMap((ticket) =>
    ticket.anchors.map(({ at, kind, id }) => ({
      ticket: ticketKey(generation, ticket.tenant, ticket.ticketId),
      key: anchorKey(generation, ticket.tenant, { kind, id }),
      tenant: ticket.tenant,
      kind,
      id,
      at: Date.parse(at),
      version: ticket.aggregateVersion,
    })),
  );
  const given = ordered.flatMap((ticket) =>
    ticket.sourceIds.map((sourceId) => ({
      ticket: ticketKey(generation, ticket.tenant, ticket.ticketId),
      key: sourceKey(generation, ticket.tenant, sourceId),
      tenant: ticket.tenant,
      sourceId,
    })),
  );
  if (ordered.length > 0) {
    await tx.run(TICKETS, {
      generation,
      tickets: ordered.map(({ tenant, ticketId, reference, aggregateVersion, anchors }) => {
        const category = anchors.find(({ kind }) => kind === "category");
        return {
          key: ticketKey(generation, tenant, ticketId),
          tenant,
          ticketId,
          reference,
          version: aggregateVersion,
          category: category === undefined ? null : anchorKey(generation, tenant, category),
        };
      }),
    });
    await tx.run(ANCHORS, { generation, edges });
    await tx.run(GIVEN, { generation, given });
    await tx.run(CAP, { anchors: [...new Set(edges.map(({ key }) => key))].toSorted(), degreeMax: BigInt(degreeMax) });
  }
  if (sources.length > 0)
    await tx.run(SOURCES, {
      generation,
      sources: sources.map(({ tenant, sourceId, revision, retired }) => ({
        key: sourceKey(generation, tenant, sourceId),
        tenant,
        sourceId,
        revision,
        retired,
      })),
    });
}
