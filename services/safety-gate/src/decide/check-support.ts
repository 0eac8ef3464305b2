import { contentTokens } from "@opsdesk/text";
import type { Sentence } from "@opsdesk/schemas/common";
import { factsIn } from "./addresses.ts";
import { draftText, fixedText, squashed } from "./draft-text.ts";
import type { GateInputs } from "./gate-inputs.ts";
import { occursIn } from "./occurs-in.ts";

/** An identifier, number, link, amount or telephone number in the draft that nothing approved contains, or undefined. */
export function unsupportedIdentifier({ proposal, template, evidence, desk }: GateInputs): string | undefined {
  const approved = [
    ...evidence.map(({ text }) => text),
    ...proposal.slots
      .filter(({ provenance }) => provenance === "system" || provenance === "verified")
      .map(({ value }) => value),
    ...(template === null ? [] : [fixedText(template)]),
    ...desk.ownWords,
  ];
  // Sentences that are the template's own, word for word, hold nothing to look for.
  const own = template === null ? "" : squashed(fixedText(template));
  const open = proposal.sentences.filter(({ text }) => !own.includes(squashed(text)));
  const found = factsIn(draftText(open, null, [])).find(({ value }) => !occursIn(value, approved));
  return found === undefined
    ? undefined
    : `"${found.value}" (${found.kind}) is neither in the evidence nor in the approved text.`;
}

export interface Groundedness {
  /** Share of content tokens that the cited context contains, 0 to 1, three decimals; 1 when nothing needs grounds. */
  readonly share: number;
  /** The first sentence that states something and cites nothing. */
  readonly uncited: string | undefined;
}

/**
 * How much of what the draft claims is in what it cites. Claims are sentences that cite, and sentences that no
 * person approved: those of a slot. A template's own sentence without a citation was approved word for word
 * (greetings, next steps, statements that rest on the template's grounds), so it is not measured; neither is one
 * that only repeats a value of the system, such as the desk's name.
 */
export function groundedness({ proposal, template, evidence, desk }: GateInputs): Groundedness {
  const language = template?.locale ?? proposal.language;
  const cited = new Set(proposal.sentences.flatMap(({ citations }) => citations.map(({ chunkId }) => chunkId)));
  const chunks = new Map(
    evidence
      .filter(({ citation }) => cited.has(citation.chunkId))
      .map(({ citation, section, text }) => [
        citation.chunkId,
        new Set(contentTokens(`${citation.title} ${section} ${text}`, language)),
      ]),
  );
  const ownValues = [
    ...desk.ownWords,
    ...proposal.slots.filter(({ provenance }) => provenance !== "knowledge").map(({ value }) => value),
  ].map(squashed);
  const claims = (sentence: Sentence): boolean =>
    sentence.citations.length > 0 ||
    sentence.source === "person" ||
    (sentence.source === "slot" && !ownValues.includes(squashed(sentence.text)));
  let total = 0;
  let grounded = 0;
  let uncited: string | undefined;
  for (const sentence of proposal.sentences.filter(claims)) {
    if (sentence.citations.length === 0) uncited ??= squashed(sentence.text);
    const context = sentence.citations.map(({ chunkId }) => chunks.get(chunkId));
    const content = contentTokens(sentence.text, language);
    total += content.length;
    grounded += content.filter((token) => context.some((tokens) => tokens?.has(token) === true)).length;
  }
  return { share: total === 0 ? 1 : Math.round((grounded / total) * 1_000) / 1_000, uncited };
}
