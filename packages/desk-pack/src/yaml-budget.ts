import { Lexer } from "yaml";

/**
 * What a pack may cost to read. The parser needs up to 35 µs a token for hostile input and recurses with the nesting;
 * its lexer is cheap and does neither, so it goes first. An example is about 4 tokens: this is some 25,000 of them.
 */
const TOKENS_MAX = 100_000;
export const DEPTH_MAX = 24;
/** "- - - x" opens a level a dash; blocks in blocks cannot hide more than a screen of them in one line. */
const DASHES_MAX = DEPTH_MAX * 2;

/** The lexer marks documents, flow errors and scalars with control characters that are not in the text. */
const MARKERS: ReadonlySet<string> = new Set(["\u0002", "\u0018", "\u001F"]);

/** Shared by all files of one pack. */
export interface YamlBudget {
  left: number;
}

export const yamlBudget = (): YamlBudget => ({ left: TOKENS_MAX });

export interface OverBudget {
  readonly code: "pack_too_large" | "yaml_too_deep";
  /** From 1, within the text. */
  readonly line: number;
  readonly message: string;
}

/** Takes the text's tokens off the budget, or says why it is not to be parsed. */
export function spend(text: string, budget: YamlBudget): OverBudget | undefined {
  let offset = 0;
  let depth = 0;
  let dashes = 0;
  const lineHere = () => text.slice(0, offset).split("\n").length;
  for (const token of new Lexer().lex(text)) {
    budget.left -= 1;
    if (budget.left < 0) {
      return {
        code: "pack_too_large",
        line: lineHere(),
        message: `The YAML of a pack has at most ${TOKENS_MAX} values and marks in all. Leave some out.`,
      };
    }
    if (token === "[" || token === "{") depth += 1;
    else if (token === "]" || token === "}") depth = Math.max(0, depth - 1);
    else if (token.startsWith("\n")) dashes = 0;
    else if (depth === 0 && (token === "-" || token === "?")) dashes += 1;
    if (depth > DEPTH_MAX || dashes > DASHES_MAX) {
      return { code: "yaml_too_deep", line: lineHere(), message: `At most ${DEPTH_MAX} levels are allowed.` };
    }
    if (!MARKERS.has(token)) offset += token.length;
  }
  return undefined;
}
