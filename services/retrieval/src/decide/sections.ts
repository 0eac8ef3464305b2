import type { Block } from "./chunk.ts";

interface SectionBlock {
  readonly start: number;
  readonly end: number;
  /** The headings above, outermost first: `Wi-Fi › Drops at fixed times`. Empty before the first heading. */
  readonly section: string;
  readonly header: string | undefined;
}

const HEADING_CHARACTERS_MAX = 120;
const SECTION_CHARACTERS_MAX = 400;

/** Cut at a length in UTF-16 units, never inside a character's pair. */
const clipped = (text: string, charactersMax: number): string => {
  const cut = text.slice(0, charactersMax);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
};

/** The section's name without a first heading that only repeats the title. */
function named(path: readonly string[], title: string): string {
  const words = path[0]?.toLowerCase() === title.trim().toLowerCase() ? path.slice(1) : path;
  return clipped(words.join(" › "), SECTION_CHARACTERS_MAX);
}

/** Every block with where it ends and the headings it stands under. Blocks must be in order of place. */
export function sectionsOf(content: string, blocks: readonly Block[], title: string): SectionBlock[] {
  const all: readonly Block[] = blocks[0]?.start === 0 ? blocks : [{ start: 0, kind: "text" }, ...blocks];
  const open: { depth: number; title: string }[] = [];
  let section = "";
  return all.map((block, index) => {
    if (block.kind === "heading") {
      const depth = block.depth ?? 1;
      while ((open.at(-1)?.depth ?? 0) >= depth) open.pop();
      open.push({ depth, title: clipped((block.title ?? "").trim(), HEADING_CHARACTERS_MAX) });
      section = named(
        open.map((heading) => heading.title).filter((words) => words !== ""),
        title,
      );
    }
    return { start: block.start, end: all[index + 1]?.start ?? content.length, section, header: block.header };
  });
}
