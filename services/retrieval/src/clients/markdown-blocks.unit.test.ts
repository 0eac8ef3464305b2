import fc from "fast-check";
import { chunksOf } from "../decide/chunk.ts";
import { markdownBlocks, plainTextBlocks } from "./markdown-blocks.ts";

const withoutSpace = (text: string): string => text.replaceAll(/\s+/g, "");

function chunked(content: string) {
  const chunks = chunksOf(content, markdownBlocks(content), "Title");
  for (const chunk of chunks) expect(chunk.text).toBe(content.slice(chunk.start, chunk.end));
  expect(withoutSpace(chunks.map((chunk) => chunk.text).join(""))).toBe(withoutSpace(content));
  return chunks;
}

describe("markdownBlocks", () => {
  it("finds headings of both styles, with plain titles", () => {
    const content =
      "# **Big** [link](https://example.test/x)\n\ntext\n\nSmall `code`\n-----\n\nmore\n\n### Closed ###\n";
    expect(markdownBlocks(content).filter((block) => block.kind === "heading")).toEqual([
      { start: 0, kind: "heading", depth: 1, title: "Big link" },
      { start: content.indexOf("Small"), kind: "heading", depth: 2, title: "Small code" },
      { start: content.indexOf("###"), kind: "heading", depth: 3, title: "Closed" },
    ]);
  });

  it("takes what looks like a heading inside code for what it is", () => {
    const content = "# Real\n\n```\n# not a heading\n```\n\n    # nor this\n";
    expect(markdownBlocks(content).filter((block) => block.kind === "heading")).toHaveLength(1);
  });

  it("keeps items of a long list and rows of a long table whole", () => {
    const items = Array.from(
      { length: 200 },
      (_, index) => `- item ${index}: ${"detail ".repeat(5)}\n  - nested ${index}\n`,
    ).join("");
    for (const { text } of chunked(`# List\n\n${items}`)) expect(text).toMatch(/^(# List|- item)[^]*nested \d+$/);
    const rows = Array.from({ length: 600 }, (_, index) => `| ${index} | AP-${index} | ${"x".repeat(20)} |`).join("\n");
    const chunks = chunked(`# Table\n\n| No | Name | What |\n| --- | --- | --- |\n${rows}\n`);
    expect(chunks.at(-1)?.context).toBe("Title › Table › No, Name, What");
    for (const { text } of chunks.slice(1)) expect(text).toMatch(/^\| \d[^]*\|$/);
  });

  it("gives exact places with CRLF, old Mac line ends, tabs, emoji and a byte order mark", () => {
    for (const newline of ["\r\n", "\r", "\n"]) {
      const content = `\ufeff# Ünïcode 🧑‍🚀${newline}${newline}\tcode 🚀${newline}${newline}* a${newline}* b 漢${newline}${newline}## Next 😀${newline}${newline}end`;
      const headings = markdownBlocks(content).filter((block) => block.kind === "heading");
      expect(headings.map(({ start }) => content.slice(start, start + 4).trim())).toContain("## N");
      chunked(content);
    }
  });

  it("parses a long document as it parses a short one", () => {
    const chapter = (number: number): string =>
      `## Chapter ${number}\n\n${"Words about this chapter. ".repeat(30)}\n\n\`\`\`sh\n# no heading\n\n# nor this\n\`\`\`\n\n- one\n\n- two\n\n`;
    const content = Array.from({ length: 60 }, (_, index) => chapter(index)).join("");
    expect(content.length).toBeGreaterThan(40_000);
    const headings = markdownBlocks(content).filter((block) => block.kind === "heading");
    expect(headings.map(({ start, title }) => [content.slice(start, start + 3), title])).toEqual(
      Array.from({ length: 60 }, (_, index) => ["## ", `Chapter ${index}`]),
    );
    chunked(content);
  });

  it("survives what no person writes, quickly", () => {
    const hostile = [
      ">".repeat(10_000),
      "- ".repeat(10_000),
      `${"1. ".repeat(5_000)}x`,
      `${"[".repeat(10_000)}x${"]".repeat(10_000)}`,
      "*_".repeat(10_000),
      "`".repeat(30_000),
      "<div>".repeat(5_000),
      `|${"a|".repeat(5_000)}\n|${"-|".repeat(5_000)}\n`,
      "#\n".repeat(5_000),
      `${" ".repeat(30_000)}x`,
      "&amp;".repeat(5_000),
      Array.from({ length: 120 }, (_, depth) => `${"  ".repeat(depth)}- level ${depth}`).join("\n"),
      "\u2028\u2029\v\f".repeat(10_000),
      "[a]: b\n".repeat(5_000),
      "para graph\n\n".repeat(5_000),
      "- item\n".repeat(5_000),
      `\`\`\`\n${"line\n\n".repeat(5_000)}`,
    ];
    for (const content of hostile) {
      // Processor time: a busy machine makes nobody's parser slow.
      const from = process.cpuUsage();
      chunked(content);
      expect(process.cpuUsage(from).user / 1_000).toBeLessThan(5_000);
    }
  }, 60_000);

  it("loses nothing of any mixture of Markdown", () => {
    const pieces = fc.constantFrom(
      "# ",
      "## H\n",
      "- ",
      "  - x\n",
      "> ",
      "```\n",
      "| a | b |\n",
      "| - | - |\n",
      "\n",
      "\r\n",
      "\n\n",
      "text ",
      "---\n",
      "===\n",
      "    ",
      "\t",
      "1. ",
      "<p>\n",
      "[x]: y\n",
      "🚀",
      "\\",
      "**",
      "漢字",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 120 }), (parts) => {
        chunked(parts.join(""));
      }),
      { numRuns: 150, seed: 11 },
    );
  });
});

describe("plainTextBlocks", () => {
  it("begins a block after every empty line", () => {
    const content = "one\ntwo\n\nthree\r\n \r\nfour";
    expect(plainTextBlocks(content).map(({ start }) => content.slice(start, start + 4).trim())).toEqual([
      "thre",
      "four",
    ]);
  });
});
