import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTable } from "micromark-extension-gfm-table";
import { type MarkdownPart, markdownParts } from "./markdown-parts.ts";

interface MarkdownBlock {
  readonly start: number;
  readonly kind: "heading" | "text" | "row";
  readonly depth?: number;
  readonly title?: string;
  readonly header?: string;
}

/** What a walk over the tree needs of a node. */
interface Node {
  readonly type: string;
  readonly depth?: number;
  readonly children?: readonly Node[];
  readonly position?:
    | {
        readonly start: { readonly offset?: number | undefined };
        readonly end: { readonly offset?: number | undefined };
      }
    | undefined;
}

/** Only where things begin is asked for: what happens inside a paragraph is left unparsed. */
const NO_INLINE = {
  disable: {
    null: [
      "attention",
      "autolink",
      "characterEscape",
      "characterReference",
      "codeText",
      "htmlText",
      "labelEnd",
      "labelStartImage",
      "labelStartLink",
    ],
  },
};
const OPTIONS = { extensions: [gfmTable(), NO_INLINE], mdastExtensions: [gfmTableFromMarkdown()] };

/** Lists and quotes larger than this are opened up, so that their items are kept whole one by one. */
const WHOLE_CHARACTERS_MAX = 1_900;

/** More containers in one line than a person writes: parsing them takes time with the square of their number. */
const TOO_DEEP = /^[ \t]*(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]*){40}/m;

/** Marks that are no words: emphasis, code, the address of a link. */
const plainTitle = (markdown: string): string =>
  markdown
    .slice(0, 400)
    .replace(/^[ \t]*#{1,6}[ \t]*|[ \t]*#*[ \t\r\n]*$/g, "")
    .replace(/\r?\n[ \t]*(?:=+|-+)[ \t]*$/, "")
    .replaceAll(/!?\[([^\][]*)\]\([^()]*\)/g, "$1")
    .replaceAll(/[*_`]+/g, "")
    .trim();

const cellsOf = (row: string): string =>
  row
    .split("|")
    .map((cell) => cell.trim())
    .filter((cell) => cell !== "")
    .join(", ");

const startOf = (node: Node): number => node.position?.start.offset ?? 0;
const endOf = (node: Node): number => node.position?.end.offset ?? 0;

function blocksOfPart({ start: offset, text }: MarkdownPart): MarkdownBlock[] {
  // The parser leaves a byte order mark out of its offsets.
  const root: Node = fromMarkdown(text.startsWith("\ufeff") ? ` ${text.slice(1)}` : text, OPTIONS);
  const found = new Map<number, MarkdownBlock>();
  const add = (node: Node, block: Omit<MarkdownBlock, "start">): void => {
    // A block owns its line from the beginning: indentation, list and quote marks.
    const at = startOf(node);
    const start = offset + Math.max(text.lastIndexOf("\n", at - 1), text.lastIndexOf("\r", at - 1)) + 1;
    if (!found.has(start)) found.set(start, { start, ...block });
  };
  const waiting: Node[] = (root.children ?? []).toReversed();
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const markdown = text.slice(startOf(node), endOf(node));
    const children = node.children ?? [];
    if (node.type === "heading") add(node, { kind: "heading", depth: node.depth ?? 1, title: plainTitle(markdown) });
    else if (markdown.length > WHOLE_CHARACTERS_MAX && node.type === "table") {
      const header = cellsOf(text.slice(startOf(children[0] ?? node), endOf(children[0] ?? node)));
      children.forEach((row, index) => add(row, index === 0 ? { kind: "text" } : { kind: "row", header }));
    } else {
      add(node, { kind: "text" });
      if (markdown.length > WHOLE_CHARACTERS_MAX && /^(?:list|listItem|blockquote)$/.test(node.type))
        waiting.push(...children.filter((child) => child.type !== "heading").toReversed());
    }
  }
  return [...found.values()].toSorted((a, b) => a.start - b.start);
}

/**
 * The blocks of a Markdown text in order of place, for `chunksOf`. Anything is Markdown: this never throws, and a
 * text nested beyond reason has no blocks (it is then cut like plain text).
 */
export const markdownBlocks = (content: string): MarkdownBlock[] =>
  TOO_DEEP.test(content) ? [] : markdownParts(content).flatMap(blocksOfPart);

const PARAGRAPH = /\n[ \t]*\r?\n+(?=[^\r\n])/g;

/** The paragraphs of a plain text. */
export const plainTextBlocks = (content: string): MarkdownBlock[] =>
  [...content.matchAll(PARAGRAPH)].map((match) => ({ start: match.index + match[0].length, kind: "text" }));
