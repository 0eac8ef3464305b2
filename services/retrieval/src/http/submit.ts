import type { Blobs } from "@opsdesk/blobs";
import type { Read } from "@opsdesk/database";
import { RejectedError } from "@opsdesk/errors";
import { prefixedId, sha256Hex } from "@opsdesk/identity";
import type { Offer, OfferInput, OfferResult } from "@opsdesk/messaging";
import type { KnowledgeSourceSubmitted } from "@opsdesk/schemas/knowledge-source-submitted";
import type { KeyHolder } from "@opsdesk/service";
import type { Static } from "typebox";
import type { ErrorCode } from "../decide/error-codes.ts";
import type { SubmitReply } from "../decide/submit-source.ts";
import { submittedContent } from "../store/source-pages.ts";
import type { SubmitBody } from "./shapes.ts";

const INLINE_BYTES_MAX = 65_536;
const SHADOW_SUFFIX = "~eval";

export const refusal = (code: ErrorCode, message: string): RejectedError<ErrorCode> =>
  new RejectedError(code, message, { publicMessage: message });

/**
 * Offers an input for the caller's tenant and, after it, for the shadow in which the tenant is evaluated: knowledge
 * is mirrored by its owner. A crash between the two is healed by the caller's retry with the same key.
 */
export async function offerMirrored(
  offer: Offer,
  input: OfferInput,
): Promise<Exclude<OfferResult, { status: "rejected" | "deferred" }>> {
  const result = await offer(input);
  if (result.status === "rejected")
    throw new RejectedError(result.code, result.message, { publicMessage: result.message });
  if (result.status === "deferred") throw new Error(`an input that never waits was deferred: ${result.reason}`);
  if (!input.tenant.endsWith(SHADOW_SUFFIX)) {
    const shadow = `${input.tenant}${SHADOW_SUFFIX}`;
    // Its outcome is the shadow's own affair: a source that evaluation never had cannot be retired there, say.
    await offer({ ...input, tenant: shadow, idempotencyKey: `${input.idempotencyKey}:shadow` });
  }
  return result;
}

export interface SubmitPorts {
  readonly database: Read;
  readonly blobs: Blobs;
  readonly offer: Offer;
}

/** One document by HTTP: the same submission as by topic, answered once it is committed. */
export async function submitByHttp(
  ports: SubmitPorts,
  holder: KeyHolder,
  key: string,
  body: Static<typeof SubmitBody>,
  defaultLocale: string,
): Promise<SubmitReply> {
  const { tenant } = holder;
  const {
    sourceId = prefixedId("src", `${tenant}:${body.title}`),
    uri = "",
    locale = defaultLocale,
    contentType = "text/markdown",
    content,
    ...rest
  } = body;
  const bytes = new TextEncoder().encode(content);
  const contentHash = sha256Hex(bytes);
  const carried =
    bytes.length <= INLINE_BYTES_MAX
      ? { content }
      : { blob: { ...(await ports.blobs.put(tenant, bytes)), contentType } };
  const data: KnowledgeSourceSubmitted = { ...rest, sourceId, uri, locale, contentType, contentHash, ...carried };
  const result = await offerMirrored(ports.offer, {
    handler: "on-knowledge-source-submitted",
    type: "knowledge.source_submitted",
    tenant,
    source: `key:${holder.keyId}`,
    data,
    idempotencyKey: `${tenant}:http:${key}`,
    key: sourceId,
  });
  // The handler's own reply; its type is lost on the way through the runtime.
  if (result.status !== "duplicate") return result.reply as SubmitReply;
  const { known, latestVersion } = await submittedContent(ports.database, tenant, sourceId, contentHash);
  if (!known) throw refusal("idempotency_key_reused", "This Idempotency-Key was used for another document.");
  return { sourceId, version: latestVersion, status: "unchanged" };
}
