import { textOfHtml } from "./html-text.ts";

describe("textOfHtml", () => {
  it("keeps the words and the lines", () => {
    expect(
      textOfHtml(
        "<html><head><title>x</title><style>p{}</style></head><body><p>Hello &amp; good<br>day</p><div>Bye</div></body></html>",
      ),
    ).toBe("Hello & good\nday\n\nBye");
  });

  it("drops scripts, and survives what is not closed", () => {
    expect(textOfHtml("a<script>if (1 < 2) steal()</script>b <b>c")).toBe("a b c");
    expect(textOfHtml("1 <")).toBe("1");
    expect(textOfHtml("plain words")).toBe("plain words");
  });

  it("takes time in proportion to the letter, however hostile", () => {
    const began = performance.now();
    textOfHtml("<script ".repeat(200_000));
    textOfHtml("<script>".repeat(200_000));
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
