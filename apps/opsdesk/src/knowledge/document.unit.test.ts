import { describe, expect, it } from "@jest/globals";
import { documentOf } from "./document.ts";

const DEFAULTS = { kind: "document", audience: "customer" };

describe("a document from a file", () => {
  it("takes its front matter as a desk pack has it", () => {
    const text =
      "---\nid: vpn-guide\ntitle: VPN\nkind: playbook\naudience: staff\nvalidFrom: 2026-01-31\n---\n# Other\n\nBody\n";
    expect(documentOf("docs/x.md", text, DEFAULTS)).toEqual({
      sourceId: "vpn-guide",
      title: "VPN",
      kind: "playbook",
      audience: "staff",
      validFrom: "2026-01-31T00:00:00Z",
      uri: "x.md",
      contentType: "text/markdown",
      content: "# Other\n\nBody\n",
    });
  });

  it("is named by its heading and its file where it says nothing", () => {
    expect(documentOf("Lift times.md", "# The lift #\n\nMondays.\n", DEFAULTS)).toMatchObject({
      sourceId: "lift-times",
      title: "The lift",
      kind: "document",
    });
    expect(documentOf("lift.txt", "# no heading here", DEFAULTS)).toMatchObject({
      title: "Lift",
      contentType: "text/plain",
      content: "# no heading here",
    });
  });

  it("is refused when its front matter cannot be read", () => {
    expect(() => documentOf("x.md", "---\na: [\n---\n", DEFAULTS)).toThrow(
      expect.objectContaining({ code: "front_matter_invalid" }),
    );
    expect(() => documentOf("x.md", "---\n- a\n---\n", DEFAULTS)).toThrow(
      expect.objectContaining({ code: "front_matter_invalid" }),
    );
  });
});
