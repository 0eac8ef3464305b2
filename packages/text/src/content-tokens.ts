import { stemmer as dutch } from "@orama/stemmers/dutch";
import { stemmer as english } from "@orama/stemmers/english";
import { stemmer as french } from "@orama/stemmers/french";
import { stemmer as german } from "@orama/stemmers/german";
import { stemmer as italian } from "@orama/stemmers/italian";
import { stemmer as portuguese } from "@orama/stemmers/portuguese";
import { stemmer as spanish } from "@orama/stemmers/spanish";
import { stopwords as dutchStop } from "@orama/stopwords/dutch";
import { stopwords as englishStop } from "@orama/stopwords/english";
import { stopwords as frenchStop } from "@orama/stopwords/french";
import { stopwords as germanStop } from "@orama/stopwords/german";
import { stopwords as italianStop } from "@orama/stopwords/italian";
import { stopwords as portugueseStop } from "@orama/stopwords/portuguese";
import { stopwords as spanishStop } from "@orama/stopwords/spanish";
import { remembered } from "./remembered.ts";
import { tokenise } from "./tokenise.ts";

/** ISO 639-1 codes whose stop words and stems are known. */
export type ContentLanguage = "de" | "en" | "es" | "fr" | "it" | "nl" | "pt";

interface Vocabulary {
  readonly stem: (word: string) => string;
  readonly stop: ReadonlySet<string>;
}

/** A negation turns an answer round, so no list may drop one. */
const NEGATIONS: ReadonlySet<string> = new Set(
  "no not nor never cannot non ne pas ni no nunca sin kein keine keinen keinem keiner keines nicht niet geen não nem nunca".split(
    " ",
  ),
);

const vocabulary = (stem: (word: string) => string, stop: readonly string[]): Vocabulary => ({
  stem,
  stop: new Set(stop.filter((word) => !NEGATIONS.has(word))),
});

const VOCABULARIES: Readonly<Record<ContentLanguage, Vocabulary>> = {
  de: vocabulary(german, germanStop),
  en: vocabulary(english, [...englishStop, "a"]),
  es: vocabulary(spanish, spanishStop),
  fr: vocabulary(french, frenchStop),
  it: vocabulary(italian, italianStop),
  nl: vocabulary(dutch, dutchStop),
  pt: vocabulary(portuguese, portugueseStop),
};

/** "can't" and "cannot" say "not"; "l'ordinateur" and "printer's" hold one word that matters. */
function plainWords(token: string, language: ContentLanguage): string[] {
  if (language === "en") {
    if (token === "cannot" || token.endsWith("n't")) return ["not"];
    return [token.replace(/'s$/, "")];
  }
  return language === "fr" || language === "it" ? token.split("'").filter((part) => part.length > 1) : [token];
}

const stemsIn = (language: ContentLanguage): ((text: string) => readonly string[]) => {
  const { stem, stop } = VOCABULARIES[language];
  return remembered((text) =>
    tokenise(text).flatMap((token) =>
      stop.has(token) && !token.endsWith("n't")
        ? []
        : plainWords(token, language)
            .filter((word) => !stop.has(word))
            .map((word) => (/^\p{L}+$/u.test(word) ? stem(word) : word)),
    ),
  );
};

const STEMS: Readonly<Record<ContentLanguage, (text: string) => readonly string[]>> = {
  de: stemsIn("de"),
  en: stemsIn("en"),
  es: stemsIn("es"),
  fr: stemsIn("fr"),
  it: stemsIn("it"),
  nl: stemsIn("nl"),
  pt: stemsIn("pt"),
};

/**
 * The stems of the words that carry content, in order, repeats kept. Stop words go, negations stay.
 * A language that is not known (any string is accepted) keeps all its words, unstemmed.
 */
export function contentTokens(text: string, language = "en"): readonly string[] {
  return Object.hasOwn(STEMS, language) ? STEMS[language as ContentLanguage](text) : tokenise(text);
}
