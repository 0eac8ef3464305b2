import { sha256Hex } from "@opsdesk/identity";
import { checkCitation, citationOf } from "./citation.ts";

const text = "Intro. 🧑‍🚀 Move the channel scan to the night. End.";
const start = text.indexOf("Move");
const end = text.indexOf(" End.");
const issued = citationOf({
  sourceId: "wifi",
  version: 2,
  chunkId: "chk_1",
  start,
  end,
  quoteHash: sha256Hex(text.slice(start, end)),
  title: "Wi-Fi",
  uri: "x",
});

describe("checkCitation", () => {
  it("accepts what was issued, and a part of it that is hashed by itself", () => {
    expect(checkCitation(issued, [issued], text)).toBe("genuine");
    const part = { ...issued, end: start + 4, quoteHash: sha256Hex("Move") };
    expect(checkCitation(part, [issued], text)).toBe("genuine");
  });

  it("refuses a chunk that was not issued, and a source that was swapped", () => {
    expect(checkCitation({ ...issued, chunkId: "chk_2" }, [issued], text)).toBe("not_issued");
    expect(checkCitation({ ...issued, sourceId: "vpn" }, [issued], text)).toBe("not_issued");
    expect(checkCitation(issued, [], text)).toBe("not_issued");
  });

  it("refuses another version", () => {
    expect(checkCitation({ ...issued, version: 1 }, [issued], text)).toBe("another_version");
  });

  it("refuses a quote that differs by one character, or lies outside the chunk", () => {
    expect(checkCitation(issued, [issued], text.replace("night", "light"))).toBe("quote_differs");
    expect(checkCitation({ ...issued, start: 0, end: 6, quoteHash: sha256Hex("Intro.") }, [issued], text)).toBe(
      "quote_differs",
    );
    expect(checkCitation({ ...issued, end: start, quoteHash: sha256Hex("") }, [issued], text)).toBe("quote_differs");
  });
});
