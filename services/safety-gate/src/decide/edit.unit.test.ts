import fc from "fast-check";
import { editOf, editedSentences } from "./edit.ts";
import { aReview } from "./review.fixture.ts";
import type { Draft } from "./state.ts";

const draft = aReview().draft!;

describe("an edit", () => {
  it("is kept as draft, final and the sentences kept, added and removed", () => {
    expect(editOf(draft, "Hello Maya.\n\nPlease restart the router.")).toEqual({
      draft: draft.text,
      final: "Hello Maya.\n\nPlease restart the router.",
      kept: ["Hello Maya."],
      added: ["Please restart the router."],
      removed: ["Restart the router."],
    });
  });

  it("counts a repeated sentence as often as it stands there", () => {
    expect(editOf({ ...draft, text: "Yes. Yes." }, "Yes.")).toMatchObject({
      kept: ["Yes."],
      removed: ["Yes."],
      added: [],
    });
  });

  it("gives kept sentences their source and citations, and the rest to the person", () => {
    expect(editedSentences(draft, "Restart the router. Then wait.")).toEqual([
      draft.sentences[1],
      { text: "Then wait.", source: "person", citations: [] },
    ]);
  });

  it("fits every text into what an event can carry, losing nothing but white space", () => {
    const squeeze = (text: string): string => text.replaceAll(/\s+/g, "");
    const texts = fc.oneof(
      fc
        .array(fc.constantFrom("Yes. ", "No!\n\n", "- item\n", "word ", "x".repeat(5_000)), { maxLength: 400 })
        .map((parts) => parts.join("").slice(0, 16_384)),
      fc.string({ maxLength: 500 }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const sentences = editedSentences(draft, text);
        expect(sentences.length).toBeLessThanOrEqual(100);
        for (const sentence of sentences) expect(sentence.text.length).toBeLessThanOrEqual(4_000);
        expect(squeeze(sentences.map((sentence) => sentence.text).join(" "))).toBe(squeeze(text));
      }),
    );
  });

  it("accounts for every sentence of both texts", () => {
    const words = fc
      .array(fc.constantFrom("Yes.", "Done.", "Restart it.", "Wait."), { maxLength: 8 })
      .map((parts) => parts.join(" "));
    fc.assert(
      fc.property(words, words, (before, after) => {
        const edit = editOf({ ...draft, text: before } satisfies Draft, after);
        expect([...edit.kept, ...edit.removed].toSorted()).toEqual(before.match(/[A-Z][^.]*\./g)?.toSorted() ?? []);
        expect([...edit.kept, ...edit.added].toSorted()).toEqual(after.match(/[A-Z][^.]*\./g)?.toSorted() ?? []);
      }),
    );
  });
});
