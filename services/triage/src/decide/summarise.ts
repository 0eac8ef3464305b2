import { contentTokens, sentencesOf } from "@opsdesk/text";
import { clip } from "./clip.ts";

const ENOUGH_CHARACTERS = 60;
const CHARACTERS_MAX = 280;
const READ_CHARACTERS_MAX = 2_000;
const CONTENT_WORDS_MIN = 3;

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

function bounded(text: string): string {
  if (text.length <= CHARACTERS_MAX) return text;
  const cut = clip(text, CHARACTERS_MAX - 1);
  const space = cut.lastIndexOf(" ");
  return `${space > CHARACTERS_MAX / 2 ? cut.slice(0, space) : cut}…`;
}

/** The first sentences that say something, in the customer's own words. */
export function summarise(text: string, subject: string, language: string): string {
  const sentences = sentencesOf(clip(text, READ_CHARACTERS_MAX), language === "und" ? "en" : language).map((sentence) =>
    oneLine(sentence.text),
  );
  // "Hello," and "Thanks!" say nothing; where all sentences are that short, they are all there is.
  const telling = sentences.filter((sentence) => contentTokens(sentence, language).length >= CONTENT_WORDS_MIN);
  const [first, second] = telling.length > 0 ? telling : sentences;
  if (first === undefined) return bounded(oneLine(subject));
  return bounded(first.length < ENOUGH_CHARACTERS && second !== undefined ? `${first} ${second}` : first);
}
