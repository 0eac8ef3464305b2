import type { Database } from "@opsdesk/database";
import { type Clock, isoTime, type Projection } from "@opsdesk/messaging";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { KnowledgeSourceIndexed } from "@opsdesk/schemas/knowledge-source-indexed";
import type { KnowledgeSourceRetired } from "@opsdesk/schemas/knowledge-source-retired";
import type { IndexedChunk, IndexPlace, IndexWrites, SearchIndex } from "../clients/search-index.ts";
import { searchedText } from "../decide/index-source.ts";
import { termsOf } from "../decide/terms.ts";
import {
  chunksOfVersions,
  livingVersions,
  type ProjectedChunk,
  type ProjectedVersion,
  versionsOfSources,
} from "../store/projected.ts";

export interface SearchProjectionPorts {
  readonly database: Database;
  readonly index: SearchIndex;
  readonly clock: Clock;
}

const FILL_VERSIONS = 20;

const chunkOf = ({ context, content, validFrom, validTo, supersededAt, ...rest }: ProjectedChunk): IndexedChunk => ({
  ...rest,
  validFrom: validFrom.toISOString(),
  validTo: validTo?.toISOString() ?? null,
  supersededAt: supersededAt?.toISOString() ?? null,
  terms: termsOf(searchedText({ context, text: content }), rest.locale),
});

/** What can be found now or later is written whole; of the rest, that it may not be found. */
function writesOf(chunks: readonly ProjectedChunk[], at: string): IndexWrites {
  const over = ({ supersededAt }: ProjectedChunk): boolean => supersededAt !== null && supersededAt.toISOString() <= at;
  return {
    chunks: chunks.filter((chunk) => !over(chunk)).map(chunkOf),
    tombstones: chunks.filter(over).map(({ tenant, chunkId, sourceId, version, revision }) => ({
      tenant,
      chunkId,
      sourceId,
      version,
      revision,
    })),
  };
}

/** Versions whose chunks an event has changed: one that came, the one that it ends, or all of a retired source. */
async function changedBy(database: Database, events: readonly Envelope[]): Promise<readonly ProjectedVersion[]> {
  const indexed = events.filter(
    (event): event is Envelope<KnowledgeSourceIndexed> => event.type === "knowledge.source_indexed",
  );
  const retired = events.filter(
    (event): event is Envelope<KnowledgeSourceRetired> => event.type === "knowledge.source_retired",
  );
  return [
    ...indexed.flatMap(({ data: { sourceId, version, supersedes }, tenantid: tenant }) => [
      { tenant, sourceId, version },
      ...(supersedes === null ? [] : [{ tenant, sourceId, version: supersedes }]),
    ]),
    ...(await versionsOfSources(
      database,
      retired.map(({ data, tenantid }) => ({ tenant: tenantid, sourceId: data.sourceId })),
    )),
  ];
}

/**
 * The search index as a copy of what Postgres holds: an event only says where to look. So the order in which events
 * come does not matter, and one from long ago brings nothing back.
 */
export function searchProjection({ database, index, clock }: SearchProjectionPorts): Projection {
  const copy = async (place: IndexPlace, versions: readonly ProjectedVersion[]): Promise<void> =>
    await place.write(writesOf(await chunksOfVersions(database, versions), isoTime(clock)));

  const fill = async (place: IndexPlace): Promise<void> => {
    for (let cursor: ProjectedVersion | undefined; ;) {
      const versions = await livingVersions(database, cursor, isoTime(clock), FILL_VERSIONS);
      await copy(place, versions);
      cursor = versions.at(-1);
      if (cursor === undefined) return;
    }
  };

  return {
    types: ["knowledge.source_indexed", "knowledge.source_retired"],
    project: async (events) => await copy(await index.live(fill), await changedBy(database, events)),
    rebuild: async () => {
      const place = await index.create();
      return {
        project: async (events) => await copy(place, await changedBy(database, events)),
        activate: () => place.activate(),
      };
    },
  };
}
