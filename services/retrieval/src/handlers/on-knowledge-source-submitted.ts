import { type AnyHandler, handler, lastBy } from "@opsdesk/messaging";
import { afterSubmission, type KnownSource, submitSource, type SubmittedVersion } from "../decide/submit-source.ts";
import { sourceKey, sourcesByKey, sourcesHeld, sourcesSubmitted, versionsAdded } from "../store/sources.ts";

type Sources = ReadonlyMap<string, KnownSource>;

export const onKnowledgeSourceSubmitted: AnyHandler = handler<"knowledge.source_submitted", Sources, SubmittedVersion>(
  "knowledge.source_submitted",
  {
    load: (read, events) =>
      sourcesByKey(
        read,
        events.map((event) => ({ tenant: event.tenantid, sourceId: event.data.sourceId })),
      ),
    decide: (event, sources, { now }) =>
      submitSource(
        event.tenantid,
        event.data,
        sources.get(sourceKey({ tenant: event.tenantid, sourceId: event.data.sourceId })),
        now,
      ),
    evolve: (sources, row) => new Map(sources).set(sourceKey(row), afterSubmission(row)),
    save: (rows) => {
      const newest = lastBy(rows, sourceKey);
      // The first submission of a source in this batch is the one that saw what others had written.
      const seen = lastBy(rows.toReversed(), sourceKey).flatMap((row) =>
        row.seenRevision === null
          ? []
          : [{ tenant: row.tenant, sourceId: row.sourceId, seenRevision: row.seenRevision }],
      );
      return {
        writes: [
          versionsAdded(rows),
          sourcesSubmitted(newest.map((row) => ({ ...row, revision: afterSubmission(row).revision }))),
        ],
        guards: [{ held: sourcesHeld(seen), count: seen.length }],
      };
    },
  },
);
