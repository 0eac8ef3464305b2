/**
 * Scripts written without spaces give one token a character: word pairs then carry what words carry elsewhere.
 * Not Intl.Segmenter: its dictionaries differ between engines, and a trained router must not.
 */
const WORD =
  /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}]\p{M}*|(?:(?![\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}])[\p{L}\p{N}]\p{M}*)+(?:'\p{L}+)*/gu;

/** The words of a text in order: compatibility-normalised (NFKC), lower-cased; punctuation is dropped. */
export function tokenise(text: string): string[] {
  return text.normalize("NFKC").toLowerCase().replaceAll("’", "'").match(WORD) ?? [];
}
