import { cleanText } from "./clean-text.ts";
import { clip, clipStart } from "./clip.ts";
import type { Part, Ticket } from "./ticket.ts";

const PART_CHARACTERS_MAX = 16_000;
const PARTS_MAX = 30;
const TEXT_CHARACTERS_MAX = 24_000;

/** Adds a piece in its place; the oldest go when there are too many. */
export const withPart = (parts: readonly Part[], part: Part): readonly Part[] =>
  [...parts.filter((one) => one.version !== part.version), { ...part, text: clip(part.text, PART_CHARACTERS_MAX) }]
    .toSorted((a, b) => a.version - b.version)
    .slice(-PARTS_MAX);

const asWritten = (text: string): string => text.trim();

/** The newest words decide when there are too many. */
const words = (parts: readonly Part[], read: (text: string) => string = cleanText): string =>
  clipStart(
    parts
      .map((part) => (part.kind === "document" ? part.text.trim() : read(part.text)))
      .filter((text) => text !== "")
      .join("\n\n"),
    TEXT_CHARACTERS_MAX,
  );

/** What nobody has answered yet at a version: a second message does not make the first one's request go away. */
export const unansweredText = (ticket: Ticket, version: number): string => words(unanswered(ticket, version));

/** The same as it was sent, quotes and signatures included. */
export const unansweredAsWritten = (ticket: Ticket, version: number): string =>
  words(unanswered(ticket, version), asWritten);

const unanswered = ({ body }: Ticket, version: number): readonly Part[] =>
  body.parts.filter((part) => part.version <= version && part.version > Math.min(body.answeredVersion, version - 1));

/** All that the customer has told up to a version. */
export const toldText = ({ body }: Ticket, version: number): string =>
  words(body.parts.filter((part) => part.version <= version));

/** The newest message as the customer wrote it; undefined when only documents are known. */
export const newestMessage = ({ body }: Ticket, version: number): string | undefined =>
  body.parts.findLast((part) => part.kind === "customer" && part.version <= version)?.text;

/** What a person labels when choosing a category: the open words, or all of them once they have been answered. */
export const newestWords = (ticket: Ticket, version: number): string =>
  unansweredText(ticket, version) || toldText(ticket, version);
