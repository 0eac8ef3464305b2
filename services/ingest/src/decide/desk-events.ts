import type { PackDocument, PackExample } from "@opsdesk/desk-pack";
import { contentHash, sha256Hex } from "@opsdesk/identity";
import type { NewEvent } from "@opsdesk/messaging/outcome";
import type { AdminCommandSubmitted } from "@opsdesk/schemas/admin-command-submitted";
import type { Actor, BlobRef } from "@opsdesk/schemas/common";
import type { Desk } from "@opsdesk/schemas/desk";
import type { DeskConfigured } from "@opsdesk/schemas/desk-configured";
import type { ExamplesSubmitted } from "@opsdesk/schemas/examples-submitted";
import type { KnowledgeSourceSubmitted } from "@opsdesk/schemas/knowledge-source-submitted";

/** Above this, a desk travels as a reference. */
export const DESK_BYTES_MAX = 131_072;
const EXAMPLES_MAX = 200;
/** Well below a record's 256 KiB, whatever the texts need as JSON. */
const EXAMPLES_BYTES_MAX = 180_000;

const utf8 = new TextEncoder();
export const bytesOf = (value: unknown): number => utf8.encode(JSON.stringify(value)).byteLength;

export const deskConfigured = (tenant: string, version: number, desk: Desk, blob: BlobRef | undefined): NewEvent => ({
  type: "desk.configured",
  key: tenant,
  tenant,
  data: {
    version,
    contentHash: contentHash(desk),
    ...(blob === undefined ? { desk } : { blob }),
  } satisfies DeskConfigured,
});

/** Labelled texts in as few events as fit. */
export function partsOf(
  set: string,
  deskVersion: number,
  examples: readonly PackExample[],
): readonly ExamplesSubmitted[] {
  const parts: PackExample[][] = [];
  let bytes = 0;
  for (const example of examples) {
    const size = bytesOf(example);
    const last = parts.at(-1);
    if (last === undefined || last.length === EXAMPLES_MAX || bytes + size > EXAMPLES_BYTES_MAX) {
      parts.push([example]);
      bytes = size;
    } else {
      last.push(example);
      bytes += size;
    }
  }
  return parts.map((part, index) => ({ set, part: index, parts: parts.length, deskVersion, examples: part }));
}

export const examplesSubmitted = (
  tenant: string,
  deskVersion: number,
  examples: readonly PackExample[],
): readonly NewEvent[] =>
  partsOf("desk", deskVersion, examples).map((data) => ({
    type: "examples.submitted",
    key: tenant,
    ordinal: String(data.part),
    data,
  }));

/** Metadata counts: a document that changed its audience is another one. */
export const documentHash = (document: PackDocument): string => contentHash(document);

export const sourceSubmitted = (
  tenant: string,
  { content, ...document }: PackDocument,
  blob: BlobRef | undefined,
): NewEvent => ({
  type: "knowledge.source_submitted",
  key: document.sourceId,
  ordinal: document.sourceId,
  tenant,
  data: {
    ...document,
    contentType: "text/markdown",
    contentHash: sha256Hex(content),
    ...(blob === undefined ? { content } : { blob }),
  } satisfies KnowledgeSourceSubmitted,
});

/** Submitting is a command, and so is taking back: retrieval owns the sources. */
export const sourceRetirement = (tenant: string, sourceId: string, actor: Actor): NewEvent => ({
  type: "admin.command_submitted",
  key: tenant,
  ordinal: `retire:${sourceId}`,
  tenant,
  data: { actor, target: "source", command: "retire", arguments: { sourceId } } satisfies AdminCommandSubmitted,
});
