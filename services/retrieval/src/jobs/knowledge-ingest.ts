import type { Blobs } from "@opsdesk/blobs";
import { RejectedError, TransientError } from "@opsdesk/errors";
import { type AnyJobStep, type Clock, isoTime, type Job, job } from "@opsdesk/messaging";
import { ignore } from "@opsdesk/messaging/outcome";
import type { Embeddings } from "../clients/embeddings.ts";
import { markdownBlocks, plainTextBlocks } from "../clients/markdown-blocks.ts";
import { chunksOf } from "../decide/chunk.ts";
import type { ErrorCode } from "../decide/error-codes.ts";
import {
  CHUNKS_MAX,
  failVersion,
  indexVersion,
  searchedText,
  settledReason,
  skipVersion,
  type VersionResult,
  type WaitingVersion,
} from "../decide/index-source.ts";
import { versionKey, versionsSettled, versionsWaiting, type WaitingRow } from "../store/indexing.ts";
import { sourcesHeld } from "../store/sources.ts";

interface IngestSource {
  readonly sourceId: string;
  readonly version: number;
}

const waitingOf = (row: WaitingRow): WaitingVersion => ({ ...row, validFrom: row.validFrom.toISOString() });

const keyOf = ({ tenant, data }: Job<IngestSource>): string => versionKey({ tenant, ...data });

const refusal = (code: ErrorCode, message: string): RejectedError<ErrorCode> => new RejectedError(code, message);

/** The version's text. A blob's is UTF-8 or nothing. */
async function contentOf(row: WaitingRow, blobs: Blobs): Promise<string> {
  if (row.content !== null) return row.content;
  if (row.blobRef === null) throw refusal("content_missing", `source ${row.sourceId} has neither content nor a blob`);
  const bytes = await blobs.get(row.blobRef);
  const code: ErrorCode = "blob_unavailable";
  if (bytes === undefined) throw new TransientError(code, `blob ${row.blobRef} is not there yet`);
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes("\u0000")) return text;
  } catch (error) {
    throw new RejectedError("content_not_text" satisfies ErrorCode, `blob ${row.blobRef} is not UTF-8`, {
      cause: error,
    });
  }
  throw refusal("content_not_text", `blob ${row.blobRef} holds a NUL`);
}

export interface IngestPorts {
  readonly blobs: Blobs;
  readonly embeddings: Embeddings;
  readonly clock: Clock;
}

/** Cuts a submitted version into chunks, embeds them, and makes the version the one that is quoted. */
export const knowledgeIngest = ({ blobs, embeddings, clock }: IngestPorts): AnyJobStep =>
  job<IngestSource, ReadonlyMap<string, WaitingRow>, VersionResult>("knowledge.ingest", {
    load: (read, jobs) =>
      versionsWaiting(
        read,
        jobs.map(({ tenant, data }) => ({ tenant, ...data })),
        isoTime(clock),
      ),
    run: async (one, versions, { now }) => {
      const row = versions.get(keyOf(one));
      if (row === undefined) return ignore("version_unknown");
      const waiting = waitingOf(row);
      const settled = settledReason(waiting);
      if (settled !== undefined) return skipVersion(waiting, settled, now, embeddings.model);
      const content = await contentOf(row, blobs);
      const blocks = row.contentType === "text/markdown" ? markdownBlocks(content) : plainTextBlocks(content);
      const chunks = chunksOf(content, blocks, row.title);
      if (chunks.length > CHUNKS_MAX)
        throw refusal(
          "source_too_many_chunks",
          `source ${row.sourceId} makes ${chunks.length} chunks; ${CHUNKS_MAX} are allowed`,
        );
      const vectors = await embeddings.embed(chunks.map(searchedText), "document");
      return indexVersion(waiting, chunks, vectors, embeddings.model, now);
    },
    save: (rows) => ({ writes: versionsSettled(rows), guards: [{ held: sourcesHeld(rows), count: rows.length }] }),
    exhausted: (one, error, versions, { now }) => {
      const row = versions.get(keyOf(one));
      if (row?.state !== "submitted") return ignore("version_settled");
      const code = "code" in error && typeof error.code === "string" ? error.code : "unexpected";
      return failVersion(waitingOf(row), code, now, embeddings.model);
    },
    retry: { limit: 8, delaySeconds: 1, delaySecondsMax: 300, timeoutSeconds: 120 },
    concurrency: 4,
  });
