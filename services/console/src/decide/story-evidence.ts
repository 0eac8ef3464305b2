import type { Evidence } from "@opsdesk/schemas/common";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { ofType } from "./story-events.ts";

export interface ToldEvidence extends Evidence {
  readonly conversationVersion: number;
  /** Whether a sentence of a draft quotes it. */
  readonly quoted: boolean;
}

/** What retrieval found, each chunk once a conversation version, and whether a draft rests on it. */
export function evidenceOf(events: readonly Envelope[]): readonly ToldEvidence[] {
  const quoted = new Set(
    ofType(events, "ai.draft.proposed").flatMap(({ data }) =>
      data.sentences.flatMap((sentence) =>
        sentence.citations.map(({ chunkId }) => `${data.conversationVersion} ${chunkId}`),
      ),
    ),
  );
  const found = new Map<string, ToldEvidence>();
  for (const { data } of ofType(events, "context.retrieved"))
    for (const evidence of data.evidence) {
      const key = `${data.conversationVersion} ${evidence.citation.chunkId}`;
      found.set(key, { ...evidence, conversationVersion: data.conversationVersion, quoted: quoted.has(key) });
    }
  return [...found.values()];
}
