import { RejectedError } from "@opsdesk/errors";
import { sha256Hex } from "@opsdesk/identity";
import { parseRouter, serialiseRouter } from "./artefact.ts";
import { deskExamples } from "./desk.fixture.ts";
import { route } from "./route.ts";
import { trainRouter } from "./train.ts";

const { train, test } = deskExamples();
const model = trainRouter(train, { seed: 1 });
const artefact = serialiseRouter(model);

const codeOf = (bytes: Uint8Array): string => {
  try {
    parseRouter(bytes);
  } catch (error) {
    if (error instanceof RejectedError) return error.code;
    throw error;
  }
  return "accepted";
};

/** What someone who repairs the digest after a change would write. */
const signed = (bytes: Uint8Array): Uint8Array => {
  const body = bytes.subarray(0, -64);
  return new Uint8Array([...body, ...new TextEncoder().encode(sha256Hex(body))]);
};

describe("artefact", () => {
  it("comes back as the same model", () => {
    const parsed = parseRouter(artefact);
    expect(parsed).toEqual(model);
    expect(serialiseRouter(parsed)).toEqual(artefact);
    for (const { text } of test) expect(route(parsed, text)).toEqual(route(model, text));
  });

  it("can be read from the middle of a larger buffer", () => {
    const larger = new Uint8Array(artefact.length + 3);
    larger.set(artefact, 3);
    expect(parseRouter(larger.subarray(3))).toEqual(model);
  });

  it("can be read from what Node's file functions return", () => {
    expect(parseRouter(Buffer.from(artefact))).toEqual(model);
  });

  it("is compact", () => {
    expect(artefact.length).toBeLessThan(64 * 1024);
  });

  it("finds one changed bit wherever it is", () => {
    for (let at = 0; at < artefact.length; at += Math.ceil(artefact.length / 40)) {
      const changed = artefact.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(codeOf(changed)).toBe("router.artefact_damaged");
    }
  });

  it("finds a missing end, an empty file and another file", () => {
    expect(codeOf(artefact.slice(0, -1))).toBe("router.artefact_damaged");
    expect(codeOf(new Uint8Array())).toBe("router.artefact_damaged");
    expect(codeOf(new TextEncoder().encode("text ".repeat(100)))).toBe("router.artefact_damaged");
  });

  it("refuses content that is shorter than its header says, even with a right digest", () => {
    expect(codeOf(signed(artefact.slice(0, -500)))).toBe("router.artefact_damaged");
    expect(codeOf(signed(new Uint8Array([...artefact.slice(0, -64), 0, ...artefact.slice(-64)])))).toBe(
      "router.artefact_damaged",
    );
  });

  it("refuses a format that it does not know, and says so", () => {
    const later = artefact.slice();
    later[4] = 99;
    expect(codeOf(signed(later))).toBe("router.artefact_version_unknown");
  });

  it("crosses a structured clone, as to and from a worker", () => {
    expect(structuredClone(model)).toEqual(model);
  });
});
