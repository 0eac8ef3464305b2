import { Client, errors } from "@opensearch-project/opensearch";
import { TransientError } from "@opsdesk/errors";
import type { SearchAnswer, SearchStore, Stored, Write, Written } from "./store.ts";

const TIMEOUT_MS = 30_000;
/** Far below the server's own limit (100 MB), so that one request never takes its memory. */
const BULK_BYTES_MAX = 5_000_000;

/** OpenSearch behind the calls that the projection needs. */
export function openSearchStore(url: string): SearchStore {
  const client = new Client({ node: url, requestTimeout: TIMEOUT_MS, maxRetries: 2 });

  /**
   * Whatever a whole request fails with, a wrong password as well as a lost connection, is no event's fault: events
   * wait. Only what is said of a single document may part it from the rest.
   */
  async function call<Body>(work: () => Promise<{ body: unknown }>): Promise<Body> {
    try {
      // The shapes are those of the server's API, which the conformance of every call to a real server shows.
      return (await work()).body as Body;
    } catch (error) {
      if (statusOf(error) !== undefined) throw error;
      throw unavailable(error);
    }
  }
  /** The same, where some HTTP statuses are answers. */
  async function unless<Body>(
    statuses: readonly number[],
    work: () => Promise<{ body: unknown }>,
  ): Promise<Body | number> {
    try {
      return await call<Body>(work);
    } catch (error) {
      const status = statusOf(error);
      if (status !== undefined && statuses.includes(status)) return status;
      throw error instanceof TransientError ? error : unavailable(error);
    }
  }
  const must = async <Body>(work: () => Promise<{ body: unknown }>): Promise<Body> =>
    // No status is an answer, so a number cannot come.
    (await unless<Body>([], work)) as Body;

  async function bulk(writes: readonly Write[]): Promise<readonly Written[]> {
    const lines = writes.map(({ index, id, document, over }) => {
      const action =
        over === undefined
          ? { create: { _index: index, _id: id } }
          : { index: { _index: index, _id: id, if_seq_no: over.seqNo, if_primary_term: over.primaryTerm } };
      return `${JSON.stringify(action)}\n${JSON.stringify(document)}\n`;
    });
    const written: Written[] = [];
    for (const body of chunked(lines)) {
      const { items } = await must<{ items: readonly Record<string, BulkItem>[] }>(() =>
        // The client's type has objects only; it sends a string as it is.
        client.bulk({ body: body as unknown as object[] }),
      );
      written.push(
        ...items.map((item) => {
          const { status = 0, error } = Object.values(item)[0] ?? {};
          return { status, reason: error === undefined ? "" : `${error.type ?? ""}: ${error.reason ?? ""}` };
        }),
      );
    }
    return written;
  }

  return {
    async aliases(pattern) {
      const found = await unless<Record<string, { aliases: Record<string, unknown> }>>([404], () =>
        client.indices.getAlias({ name: pattern }),
      );
      const byAlias = new Map<string, string[]>();
      for (const [index, { aliases }] of typeof found === "number" ? [] : Object.entries(found))
        for (const alias of Object.keys(aliases)) byAlias.set(alias, [...(byAlias.get(alias) ?? []), index]);
      return byAlias;
    },
    async indices(pattern) {
      const found = await must<Record<string, unknown>>(() =>
        client.indices.get({ index: pattern, allow_no_indices: true, ignore_unavailable: true }),
      );
      return Object.keys(found).toSorted();
    },
    async createIndex(index, aliases) {
      const answer = await unless([400], () =>
        client.indices.create({ index, body: { aliases: Object.fromEntries(aliases.map((alias) => [alias, {}])) } }),
      );
      // 400 is also what a wrong name or setting gets: then the index is still missing.
      if (answer === 400 && (await unless([404], () => client.indices.get({ index }))) === 404)
        throw new TransientError("search_unavailable", `the search server does not make the index ${index}`);
    },
    async putTemplate(name, pattern, mappings) {
      const settings = { number_of_shards: 1, auto_expand_replicas: "0-1" };
      await must(() =>
        client.indices.putIndexTemplate({
          name,
          body: { index_patterns: [pattern], template: { settings, mappings } },
        }),
      );
    },
    async putMapping(index, mappings) {
      const answer = await unless([400, 404], () => client.indices.putMapping({ index, body: mappings }));
      return answer === 400 ? "refused" : "taken";
    },
    async changeAliases(actions) {
      await must(() => client.indices.updateAliases({ body: { actions: [...actions] } }));
    },
    async deleteIndices(indices) {
      // By name, one by one: a pattern that matches too much cannot be taken back.
      for (const index of indices) await unless([404], () => client.indices.delete({ index }));
    },
    async read(places) {
      if (places.length === 0) return [];
      const docs = places.map(({ index, id }) => ({ _index: index, _id: id }));
      const { docs: found } = await must<{ docs: readonly MgetItem[] }>(() => client.mget({ body: { docs } }));
      return found.map((one): Stored => {
        if (one.error !== undefined)
          throw new TransientError("search_unavailable", `reading ${one._id}: ${one.error.reason ?? "refused"}`);
        return one.found === true
          ? {
              found: true,
              source: one._source ?? {},
              version: { seqNo: one._seq_no ?? 0, primaryTerm: one._primary_term ?? 0 },
            }
          : { found: false };
      });
    },
    write: (writes) => (writes.length === 0 ? Promise.resolve([]) : bulk(writes)),
    search: (index, body) => must<SearchAnswer>(() => client.search({ index, body })),
    async refresh(pattern) {
      await must(() => client.indices.refresh({ index: pattern }));
    },
    close: () => client.close(),
  };
}

interface BulkItem {
  readonly status?: number;
  readonly error?: { readonly type?: string; readonly reason?: string };
}
interface MgetItem {
  readonly _id: string;
  readonly found?: boolean;
  readonly _source?: Readonly<Record<string, unknown>>;
  readonly _seq_no?: number;
  readonly _primary_term?: number;
  readonly error?: { readonly reason?: string };
}

const unavailable = (cause: unknown): TransientError =>
  new TransientError(
    "search_unavailable",
    `the search server cannot serve: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  );

const statusOf = (error: unknown): number | undefined =>
  error instanceof errors.ResponseError ? (error.statusCode ?? undefined) : undefined;

function chunked(lines: readonly string[]): readonly string[] {
  const chunks: string[] = [];
  let chunk = "";
  for (const line of lines) {
    if (chunk !== "" && chunk.length + line.length > BULK_BYTES_MAX) {
      chunks.push(chunk);
      chunk = "";
    }
    chunk += line;
  }
  return chunk === "" ? chunks : [...chunks, chunk];
}
