import type { Client } from "@opensearch-project/opensearch";
import { RejectedError, TransientError } from "@opsdesk/errors";
import { newId } from "@opsdesk/identity";
import { INDEX_BODY, MAPPING_VERSION } from "./opensearch-mapping.ts";
import { asked, openSearchClient, type OpenSearchOptions, passes, statusOf } from "./opensearch-client.ts";
import type { IndexedChunk, IndexPlace, IndexWrites, SearchIndex, Tombstone } from "./search-index.ts";

/** Instead of an absent end, so that a range filter suffices. */
const NEVER = "9999-12-31T00:00:00.000Z";
/** Of one bulk request; about a megabyte of stems. */
const BULK_MAX = 1_000;

/** What readers and the live projection write to and read from. */
export const aliasOf = (prefix: string): string => `${prefix}-chunks-v${MAPPING_VERSION}`;

const documentOf = (chunk: IndexedChunk) => {
  const { revision: _, product, site, terms, validTo, supersededAt, ...rest } = chunk;
  return {
    ...rest,
    ...(product === null ? {} : { product }),
    ...(site === null ? {} : { site }),
    live: true,
    validTo: validTo ?? NEVER,
    supersededAt: supersededAt ?? NEVER,
    terms: terms.join(" "),
  };
};

const tombstoneOf = ({ revision: _, ...rest }: Tombstone) => ({ ...rest, live: false });

/** The tenant is part of the id, so that no chunk of one can take the place of another's. */
const actionOf = (index: string, { tenant, chunkId, revision }: Tombstone) => ({
  index: {
    _index: index,
    _id: `${tenant}/${chunkId}`,
    version: revision,
    version_type: "external" as const,
  },
});

interface BulkItem {
  readonly index?: { readonly status?: number; readonly error?: { readonly type?: string; readonly reason?: string } };
}

/** A conflict is a success: the same or a newer revision is there already. */
function judge(items: readonly BulkItem[]): void {
  for (const { index = {} } of items) {
    const { status = 500, error } = index;
    if (error === undefined || status === 409) continue;
    const message = `OpenSearch ${error.type ?? status}: ${(error.reason ?? "").slice(0, 300)}`;
    if (passes(status)) throw new TransientError("search_unavailable", message);
    throw new RejectedError("search_refused", message);
  }
}

async function write(
  client: Client,
  index: string,
  { chunks, tombstones }: IndexWrites,
  byAlias: boolean,
): Promise<void> {
  const operations = [
    ...chunks.map((chunk) => [actionOf(index, chunk), documentOf(chunk)] as const),
    ...tombstones.map((one) => [actionOf(index, one), tombstoneOf(one)] as const),
  ];
  for (let from = 0; from < operations.length; from += BULK_MAX) {
    const body = operations.slice(from, from + BULK_MAX).flat();
    // Through the alias only while there is one: an index that springs up by itself would guess its mapping.
    const answer = await client.bulk({ body, require_alias: byAlias });
    judge(answer.body.items);
  }
}

export function openSearchIndex(options: OpenSearchOptions): SearchIndex {
  const connection = openSearchClient(options);
  const alias = aliasOf(options.prefix);

  const behind = async (client: Client): Promise<string[]> => {
    try {
      return Object.keys((await client.indices.getAlias({ name: alias })).body).toSorted();
    } catch (error) {
      if (statusOf(error) === 404) return [];
      throw error;
    }
  };
  const made = async (client: Client): Promise<string> => {
    // Sorts by its time, so that two processes which both made one keep the same.
    const index = `${alias}-${Date.now().toString(36)}-${newId().slice(-12).toLowerCase()}`;
    await client.indices.create({ index, body: structuredClone(INDEX_BODY) as never });
    return index;
  };
  // One by one: of several in one request none is deleted where another process has just deleted one of them.
  const drop = async (client: Client, indices: readonly string[]): Promise<void> => {
    for (const index of indices)
      try {
        await client.indices.delete({ index });
      } catch (error) {
        if (statusOf(error) !== 404) throw error;
      }
  };
  const placeAt = (index: string, byAlias = false): IndexPlace => ({
    write: (writes) => asked(async () => await write(await connection.get(), index, writes, byAlias)),
  });

  const first = async (client: Client, fill: Parameters<SearchIndex["live"]>[0]): Promise<void> => {
    const index = await made(client);
    await fill(placeAt(index));
    await client.indices.refresh({ index });
    await client.indices.putAlias({ index, name: alias });
  };
  let making: Promise<void> | undefined;

  return {
    live: (fill) =>
      asked(async () => {
        const client = await connection.get();
        let there = await behind(client);
        if (there.length === 0) {
          // The first batches of all partitions come at once, and one index is enough for them.
          making ??= first(client, fill).finally(() => (making = undefined));
          await making;
          there = await behind(client);
        }
        // Of two processes that each made one; nothing is written through an alias of two, so both are as complete.
        await drop(client, there.slice(1));
        return placeAt(alias, true);
      }),
    create: () =>
      asked(async () => {
        const client = await connection.get();
        const index = await made(client);
        return {
          ...placeAt(index),
          activate: () =>
            asked(async () => {
              const before = await behind(client);
              await client.indices.refresh({ index });
              await client.indices.updateAliases({
                body: {
                  actions: [...before.map((old) => ({ remove: { index: old, alias } })), { add: { index, alias } }],
                },
              });
              await drop(client, before);
            }),
        };
      }),
    close: connection.close,
  };
}
