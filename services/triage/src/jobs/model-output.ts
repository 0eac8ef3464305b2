import { checker } from "@opsdesk/schemas";
import { Id, ShortText, closed, oneOf, orNull } from "@opsdesk/schemas/common";
import { ticketTriaged } from "@opsdesk/schemas/ticket-triaged";
import Type from "typebox";
import type { DraftOutput, TriageOutput } from "../decide/model.ts";

/** The form in which a model must answer. The words are the contract's own. */
const { categoryId, confidence, language, missingInformation, outOfScope, priority, ranking, risks, summary } =
  ticketTriaged.data.properties;

const TriageAnswer = closed({
  outcome: oneOf("triaged", "abstained"),
  reason: Type.Optional(ShortText),
  categoryId,
  confidence,
  outOfScope,
  ranking,
  priority,
  summary,
  missingInformation,
  risks,
  language,
});

const DraftAnswer = closed({
  outcome: oneOf("chosen", "abstained"),
  reason: Type.Optional(ShortText),
  templateId: orNull(Id),
  quotes: Type.Array(closed({ slot: Id, chunkId: Id, quote: Type.String({ minLength: 1, maxLength: 2_048 }) }), {
    maxItems: 20,
  }),
});

const triageProblems = checker(TriageAnswer);
const draftProblems = checker(DraftAnswer);

/** The answer if it has the right form; undefined otherwise. Closed lists are checked after this. */
export function readTriage(output: unknown): TriageOutput | undefined {
  // The checker has just said that it is one.
  return triageProblems(output).length === 0 ? (output as TriageOutput) : undefined;
}

export function readDraft(output: unknown): DraftOutput | undefined {
  // The checker has just said that it is one.
  return draftProblems(output).length === 0 ? (output as DraftOutput) : undefined;
}
