import type { Evidence, Priority, Reason, Sentence } from "@opsdesk/schemas/common";
import type { Desk } from "@opsdesk/schemas/desk";
import { unsupportedSentences } from "./support.ts";

/** What the gate's event says of a scenario, as far as scores need it. Texts of the evidence are not kept. */
export interface Observation {
  readonly categoryId: string | null;
  readonly templateId: string | null;
  readonly priority: Priority;
  readonly rules: readonly string[];
  /** Sources of the evidence that was found. */
  readonly evidenceSources: readonly string[];
  /** Sources that the draft's sentences cite. */
  readonly citedSources: readonly string[];
  readonly draft: string | null;
  /** Sentences of the draft that say something. */
  readonly sentences: number;
  /** Those of them that neither the evidence nor approved text supports. */
  readonly unsupported: readonly string[];
}

interface Gated {
  readonly reference: string;
  readonly customer: { readonly name: string };
  readonly categoryId: string | null;
  readonly priority: Priority;
  readonly reasons: readonly Reason[];
  readonly evidence: readonly Evidence[];
  readonly draft: {
    readonly text: string;
    readonly sentences: readonly Sentence[];
    readonly templateId: string | null;
  } | null;
}

const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)].toSorted();

export function observe(
  { reference, customer, categoryId, priority, reasons, evidence, draft }: Gated,
  desk: Desk | undefined,
): Observation {
  const sourceOf = new Map(evidence.map(({ citation }) => [citation.chunkId, citation.sourceId]));
  const sentences = draft?.sentences ?? [];
  const template = desk?.templates.find(({ id }) => id === draft?.templateId);
  const approved = [
    template?.body ?? "",
    desk?.business.name ?? "",
    desk?.business.signature ?? "",
    customer.name,
    reference,
  ];
  const support = unsupportedSentences(
    sentences.map(({ text }) => text),
    [...evidence.map(({ citation, section, text }) => `${citation.title}\n${section}\n${text}`), ...approved],
    template?.locale ?? "en",
  );
  return {
    categoryId,
    templateId: draft?.templateId ?? null,
    priority,
    rules: distinct(reasons.map(({ rule }) => rule)),
    evidenceSources: distinct([...sourceOf.values()]),
    // A citation of what is not in the evidence has no source; it counts as a wrong one.
    citedSources: distinct(
      sentences.flatMap(({ citations }) =>
        citations.map(({ chunkId }) => sourceOf.get(chunkId) ?? `unknown:${chunkId}`),
      ),
    ),
    draft: draft?.text ?? null,
    sentences: support.sentences,
    unsupported: support.unsupported,
  };
}
