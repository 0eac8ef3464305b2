import { LRUCache } from "lru-cache";

/** Of texts in one memory, about a few megabytes. */
const CHARACTERS_MAX = 2_000_000;
/** What is longer hardly comes twice and would drive out all others. */
const TEXT_CHARACTERS_MAX = 20_000;

/**
 * The same function, which keeps its latest answers: passages, templates and common phrases come again with every
 * ticket of a kind. For pure functions of a text whose answers nobody changes.
 */
export function remembered<Answer extends object>(work: (text: string) => Answer): (text: string) => Answer {
  const answers = new LRUCache<string, Answer>({
    maxSize: CHARACTERS_MAX,
    maxEntrySize: TEXT_CHARACTERS_MAX,
    sizeCalculation: (_, text) => text.length + 1,
  });
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    const answer = work(text);
    answers.set(text, answer);
    return answer;
  };
}
