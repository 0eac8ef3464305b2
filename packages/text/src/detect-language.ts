import { eld } from "eld/extrasmall";
import { identifiersIn } from "./identifiers.ts";

/** `language` is ISO 639-1, or "und" where the text does not say; `confidence` is 0 to 1, 0 for "und". */
export interface DetectedLanguage {
  readonly language: string;
  readonly confidence: number;
}

const UNKNOWN: DetectedLanguage = { language: "und", confidence: 0 };

/** Two letters of a script without spaces say as much as two words elsewhere. */
const DENSE_SCRIPT = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}]/gu;
const LETTERS_MIN = 8;
const DENSE_LETTERS_MIN = 2;
const CONFIDENCE_MIN = 0.5;
/** Close relatives (Russian, Ukrainian) never lead each other by much: a score this good counts by itself. */
const CLEAR_SCORE = 0.8;
/** How fast a lead over the runner-up turns into confidence: a lead of 0.1 gives 0.9, of 0.01 a coin's toss. */
const SHARPNESS = 25;

const withoutIdentifiers = (text: string): string =>
  identifiersIn(text).reduceRight((rest, { start, end }) => `${rest.slice(0, start)} ${rest.slice(end)}`, text);

/**
 * The language of a text, told offline. Links, codes and numbers are not looked at. "und" when there is too little
 * text or no clear lead: "ok", "printer jam" and "0x80070005" have no language worth acting on.
 */
export function detectLanguage(text: string): DetectedLanguage {
  const words = withoutIdentifiers(text.normalize("NFKC"));
  const letters = words.match(/\p{L}/gu)?.length ?? 0;
  const dense = words.match(DENSE_SCRIPT)?.length ?? 0;
  if (letters < LETTERS_MIN && dense < DENSE_LETTERS_MIN) return UNKNOWN;
  const result = eld.detect(words);
  if (!result.isReliable()) return UNKNOWN;
  const scores = result.getScores();
  const best = scores[result.language] ?? 0;
  const total = Object.values(scores).reduce((sum, score) => sum + Math.exp(SHARPNESS * (score - best)), 0);
  const confidence = Math.round(1000 / total) / 1000;
  return confidence < CONFIDENCE_MIN && best < CLEAR_SCORE ? UNKNOWN : { language: result.language, confidence };
}
