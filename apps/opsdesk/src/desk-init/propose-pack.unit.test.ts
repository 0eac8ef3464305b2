import { readDeskPack } from "@opsdesk/desk-pack";
import { describe, expect, it } from "@jest/globals";
import { proposePack } from "./propose-pack.ts";

const past = (label: string, ...texts: readonly string[]) => texts.map((text) => ({ text, label }));
const OPTIONS = { id: "my-desk", examplesMin: 2 };

function packOf(proposal: ReturnType<typeof proposePack>) {
  const read = readDeskPack(new Map([...proposal.files].filter(([path]) => path !== "README.md")));
  if ("problems" in read) throw new Error(JSON.stringify(read.problems));
  return read.pack;
}

describe("a pack proposed from past tickets", () => {
  it("is one that a desk takes, sends nothing by itself, and answers every category", () => {
    const { desk, examples } = packOf(
      proposePack(
        [
          ...past("Card arrival?", "Where is my card", "No card yet"),
          ...past("refund_status", "My money back", "Refund: when?"),
        ],
        OPTIONS,
      ),
    );
    expect(desk.categories.map(({ id }) => id)).toEqual(["card-arrival", "refund-status"]);
    expect(desk.templates.map(({ categoryId }) => categoryId)).toEqual(["card-arrival", "refund-status"]);
    expect(desk.policy.autoSend.enabled).toBe(false);
    expect(examples).toHaveLength(4);
  });

  it("leaves out rare labels, repeats, and texts under two labels, and says so", () => {
    const proposal = proposePack(
      [...past("a", "one", "two", "Two ", "both"), ...past("b", "three", "four", "BOTH"), ...past("c", "rare")],
      OPTIONS,
    );
    expect(proposal).toMatchObject({
      leftOut: ["c"],
      ambiguous: 1,
      categories: [
        { id: "a", examples: 2 },
        { id: "b", examples: 2 },
      ],
    });
  });

  it("is a valid pack whatever the past tickets hold", () => {
    const hostile = [
      "---\n{{x}}",
      "- [a: b]",
      "'\"\\ # &anchor *alias !tag",
      "null",
      "1",
      "\u2028line",
      "a\r\nb",
      "x".repeat(4_000),
    ];
    const { examples } = packOf(
      proposePack([...past("..\\/: {}[]", ...hostile), ...past("!!!", "one", "two")], OPTIONS),
    );
    expect(examples).toHaveLength(hostile.length + 2);
  });
});
