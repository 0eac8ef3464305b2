import { contentHash, sha256Hex } from "@opsdesk/identity";
import { type Outcome, done, ignore, reject } from "@opsdesk/messaging/outcome";
import type { KnowledgeSourceSubmitted } from "@opsdesk/schemas/knowledge-source-submitted";
import type { ErrorCode } from "./error-codes.ts";

/** What is known of a source before a submission; undefined for a new one. */
export interface KnownSource {
  readonly latestVersion: number;
  readonly revision: number;
  readonly retired: boolean;
  /** Of the latest version. */
  readonly fingerprint: string;
  readonly failed: boolean;
}

/** A submitted source version, before it is indexed. Content is inline or behind `blobRef`. */
export interface SubmittedVersion {
  readonly tenant: string;
  readonly sourceId: string;
  readonly version: number;
  /** The revision that the decision saw; null for a source it did not know. */
  readonly seenRevision: number | null;
  readonly fingerprint: string;
  readonly contentHash: string;
  readonly title: string;
  readonly uri: string;
  readonly kind: string;
  readonly product: string | null;
  readonly site: string | null;
  readonly locale: string;
  readonly audience: string;
  readonly contentType: string;
  readonly content: string | null;
  readonly blobRef: string | null;
  readonly validFrom: string;
  readonly validTo: string | null;
  readonly submittedAt: string;
}

export interface SubmitReply {
  readonly sourceId: string;
  readonly version: number;
  readonly status: "submitted" | "unchanged";
}

const BLOB_BYTES_MAX = 1024 * 1024;
const SHADOW_SUFFIX = "~eval";

const refused = (code: ErrorCode, message: string): Outcome<never> => reject(code, message);

/** A shadow tenant may read what belongs to the tenant that it mirrors; nobody else reads another's blobs. */
const mayRead = (tenant: string, ref: string): boolean =>
  ref.startsWith(`${tenant}/`) ||
  (tenant.endsWith(SHADOW_SUFFIX) && ref.startsWith(`${tenant.slice(0, -SHADOW_SUFFIX.length)}/`));

/** What makes a version: the content and everything that decides who may find it. Access may change where words do not. */
const fingerprintOf = ({ content: _, blob: __, ...source }: KnowledgeSourceSubmitted): string => contentHash(source);

/**
 * A submission becomes the source's next version and one job that indexes it; the same content under the same
 * conditions again changes nothing. A retired source comes back when it is submitted again.
 */
export function submitSource(
  tenant: string,
  source: KnowledgeSourceSubmitted,
  known: KnownSource | undefined,
  now: string,
): Outcome<SubmittedVersion> {
  // Postgres has no place for a NUL, and no text that a person wrote holds one.
  if (Object.values(source).some((value) => typeof value === "string" && value.includes("\u0000")))
    return refused("content_not_text", "a text of the source holds a NUL");
  if (source.content !== undefined) {
    if (sha256Hex(source.content) !== source.contentHash)
      return refused(
        "content_hash_mismatch",
        `source ${source.sourceId}: contentHash is not the SHA-256 of the content's UTF-8`,
      );
  } else if (source.blob !== undefined) {
    if (!mayRead(tenant, source.blob.ref))
      return refused("blob_foreign", `source ${source.sourceId}: blob ${source.blob.ref} is another tenant's`);
    if (source.blob.bytes > BLOB_BYTES_MAX)
      return refused("content_too_large", `source ${source.sourceId}: ${source.blob.bytes} bytes are more than 1 MiB`);
    if (source.blob.sha256 !== source.contentHash)
      return refused("content_hash_mismatch", `source ${source.sourceId}: contentHash is not the blob's SHA-256`);
  } else return refused("content_missing", `source ${source.sourceId} has neither content nor a blob`);

  const fingerprint = fingerprintOf(source);
  if (known !== undefined && known.fingerprint === fingerprint && !known.retired && !known.failed) {
    const reply: SubmitReply = { sourceId: source.sourceId, version: known.latestVersion, status: "unchanged" };
    return ignore("source_unchanged", reply);
  }
  const version = (known?.latestVersion ?? 0) + 1;
  const reply: SubmitReply = { sourceId: source.sourceId, version, status: "submitted" };
  return done({
    rows: {
      tenant,
      sourceId: source.sourceId,
      version,
      seenRevision: known?.revision ?? null,
      fingerprint,
      contentHash: source.contentHash,
      title: source.title,
      uri: source.uri,
      kind: source.kind,
      product: source.product ?? null,
      site: source.site ?? null,
      locale: source.locale,
      audience: source.audience,
      contentType: source.contentType,
      content: source.content?.toWellFormed() ?? null,
      blobRef: source.content === undefined ? (source.blob?.ref ?? null) : null,
      validFrom: source.validFrom ?? now,
      validTo: source.validTo ?? null,
      submittedAt: now,
    },
    jobs: [
      { queue: "knowledge.ingest", key: `${tenant}:${source.sourceId}`, data: { sourceId: source.sourceId, version } },
    ],
    reply,
  });
}

/** What the next submission of the batch must know. */
export const afterSubmission = (row: SubmittedVersion): KnownSource => ({
  latestVersion: row.version,
  revision: (row.seenRevision ?? 0) + 1,
  retired: false,
  fingerprint: row.fingerprint,
  failed: false,
});
