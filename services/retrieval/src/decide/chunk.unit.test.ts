import fc from "fast-check";
import { type Block, CHUNK_BYTES_MAX, chunksOf } from "./chunk.ts";
import { splitText, utf8Bytes } from "./split-text.ts";

const bytes = (text: string): number => new TextEncoder().encode(text).length;
const withoutSpace = (text: string): string => text.replaceAll(/\s+/g, "");
const lines = (content: string): Block[] =>
  [...content.matchAll(/^/gm)].map((match) => ({ start: match.index, kind: "text" }));

/** What must hold for every text and every list of blocks. */
function expectLossless(content: string, blocks: readonly Block[]): void {
  const chunks = chunksOf(content, blocks, "Title");
  let last = 0;
  chunks.forEach((chunk, index) => {
    expect(chunk.ordinal).toBe(index);
    expect(chunk.text).toBe(content.slice(chunk.start, chunk.end));
    expect(chunk.start).toBeGreaterThanOrEqual(last);
    expect(chunk.text.trim()).toBe(chunk.text);
    expect(chunk.text).not.toBe("");
    expect(bytes(chunk.text)).toBeLessThanOrEqual(CHUNK_BYTES_MAX);
    expect(chunk.text.isWellFormed()).toBe(true);
    last = chunk.end;
  });
  expect(withoutSpace(chunks.map((chunk) => chunk.text).join(""))).toBe(withoutSpace(content));
}

describe("chunksOf", () => {
  it("never loses, repeats or reorders text, whatever the text and its blocks", () => {
    const text = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 6_000 }),
      fc
        .array(
          fc.constantFrom(
            "a",
            " ",
            "\n",
            "\r\n",
            "word ",
            "🧑‍🚀",
            "e\u0301",
            "漢",
            ". ",
            "| a | b |\n",
            "\u00a0",
            "# H\n",
          ),
          { maxLength: 4_000 },
        )
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, fc.array(fc.nat(6_000), { maxLength: 60 }), (content, places) => {
        // Boundaries from a parser lie at the beginning of lines: between characters in any case.
        const starts = [
          ...new Set(
            places.filter(
              (place) =>
                place < content.length && content.slice(0, place).isWellFormed() && content.slice(place).isWellFormed(),
            ),
          ),
        ];
        expectLossless(
          content.toWellFormed(),
          starts.toSorted((a, b) => a - b).map((start) => ({ start, kind: "text" })),
        );
      }),
      { numRuns: 150, seed: 7 },
    );
  });

  it("has nothing to say about nothing", () => {
    expect(chunksOf("", [], "Title")).toEqual([]);
    expect(chunksOf(" \n\t\r\n ", [{ start: 0, kind: "text" }], "Title")).toEqual([]);
  });

  it("parts a text without any boundary by size, between characters", () => {
    for (const content of ["x".repeat(9_000), "🧑‍🚀".repeat(900), "漢字".repeat(2_000), `e${"\u0301".repeat(3_000)}`])
      expectLossless(content, []);
    expect(chunksOf("🧑‍🚀".repeat(900), [], "T").every(({ text }) => text.startsWith("🧑") && text.endsWith("🚀"))).toBe(
      true,
    );
  });

  it("cuts long paragraphs after a sentence, into pieces of similar size", () => {
    const sentence = "The access point on the third floor restarts at two o'clock in the afternoon. ";
    const chunks = chunksOf(sentence.repeat(40), [], "Title");
    expect(chunks.every(({ text }) => text.endsWith("."))).toBe(true);
    expect(Math.min(...chunks.map(({ text }) => text.length))).toBeGreaterThan(1_000);
  });

  it("keeps sections apart and names them by their headings", () => {
    const body = "Words about this that are long enough to stand alone in a chunk of their own, as most sections are.";
    const content = `# Guide\n\n${body}\n\n## First\n\n${body}\n\n### Deep\n\n${body}\n\n## Second\n\n${body}\n`;
    const blocks: Block[] = [...content.matchAll(/^(#+) (.+)$/gm)].map((match) => ({
      start: match.index,
      kind: "heading",
      depth: match[1]!.length,
      title: match[2]!,
    }));
    const chunks = chunksOf(content, blocks, "Guide");
    expect(chunks.map((chunk) => chunk.section)).toEqual(["", "First", "First › Deep", "Second"]);
    expect(chunks[2]?.context).toBe("Guide › First › Deep");
    expect(chunks[2]?.text.startsWith("### Deep")).toBe(true);
  });

  it("joins a bare heading to what follows it", () => {
    const content = `# Only a heading\n\n## Real\n\n${"Something worth finding. ".repeat(10)}`;
    const blocks: Block[] = [
      { start: 0, kind: "heading", depth: 1, title: "Only a heading" },
      { start: 18, kind: "heading", depth: 2, title: "Real" },
    ];
    expect(chunksOf(content, blocks, "T").map((chunk) => chunk.section)).toEqual(["Only a heading › Real"]);
  });

  it("keeps rows whole and repeats a table's header in the context of later chunks only", () => {
    const row = (number: number): string => `| Room ${number} | AP-${1000 + number} | ${"limit ".repeat(8)}|\n`;
    const content = Array.from({ length: 120 }, (_, index) => row(index)).join("");
    const blocks = lines(content).map((block, index): Block =>
      index === 0 ? block : { ...block, kind: "row", header: "Room, Access point, Limit" },
    );
    const chunks = chunksOf(content, blocks, "Rooms");
    expect(chunks.length).toBeGreaterThan(3);
    for (const { text } of chunks) expect(text).toMatch(/^\| Room \d+ [^]*\|$/);
    expect(chunks[0]?.context).toBe("Rooms");
    expect(chunks[1]?.context).toBe("Rooms › Room, Access point, Limit");
    expectLossless(content, blocks);
  });

  it("cuts section names that are too long for an event", () => {
    const content = Array.from({ length: 6 }, (_, index) => `${"#".repeat(index + 1)} ${"😀".repeat(200)}\n`).join("");
    const blocks: Block[] = [...content.matchAll(/^(#+) (.+)$/gm)].map((match) => ({
      start: match.index,
      kind: "heading",
      depth: match[1]!.length,
      title: match[2]!,
    }));
    for (const { section } of chunksOf(content, blocks, "T")) {
      expect(section.length).toBeLessThanOrEqual(400);
      expect(section.isWellFormed()).toBe(true);
    }
  });
});

describe("splitText", () => {
  it("tiles the stretch it was given", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 3_000 }),
        fc.integer({ min: 4, max: 300 }),
        (raw, bytesMax) => {
          const text = raw.toWellFormed();
          const pieces = splitText(text, { start: 0, end: text.length }, bytesMax);
          expect(pieces.map(({ start, end }) => text.slice(start, end)).join("")).toBe(text);
          for (const piece of pieces) expect(utf8Bytes(text, piece)).toBeLessThanOrEqual(bytesMax);
          for (const { start, end } of pieces) expect(text.slice(start, end).isWellFormed()).toBe(true);
        },
      ),
      { numRuns: 200, seed: 3 },
    );
  });

  it("counts bytes as an encoder does", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        (text) => utf8Bytes(text, { start: 0, end: text.length }) === bytes(text),
      ),
      { seed: 1 },
    );
  });
});
