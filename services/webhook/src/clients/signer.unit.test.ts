import { createHmac } from "node:crypto";
import { newSecret, secretBox, secretProblem } from "./secret-box.ts";
import { standardSigner } from "./signer.ts";

const box = secretBox("a key that is long enough for a test");

describe("signing secrets", () => {
  it("are unique, well-formed, and come back from what is kept of them", () => {
    const secrets = [newSecret(), newSecret()];
    expect(new Set(secrets).size).toBe(2);
    for (const secret of secrets) {
      expect(secretProblem(secret)).toBeUndefined();
      expect(box.seal(secret)).not.toContain(secret.slice(6));
      expect(box.seal(secret)).not.toBe(box.seal(secret));
      expect(box.open(box.seal(secret))).toBe(secret);
    }
  });

  it("cannot be read with another key, or when a byte was changed", () => {
    const sealed = box.seal(newSecret());
    expect(() => secretBox("another key that is long enough too").open(sealed)).toThrow(
      expect.objectContaining({ code: "secret_unreadable" }),
    );
    expect(() => box.open(sealed.replace(/.$/, (last) => (last === "0" ? "1" : "0")))).toThrow(
      expect.objectContaining({ code: "secret_unreadable" }),
    );
  });

  it.each([
    "",
    "whsec_",
    "whsec_dG9vIHNob3J0",
    "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "whsec_not base64",
    `whsec_${Buffer.alloc(65).toString("base64")}`,
  ])("refuses %j", (secret) => {
    expect(secretProblem(secret)).toEqual(expect.any(String));
  });
});

describe("standardSigner", () => {
  const at = "2026-11-22T10:00:00.900Z";

  it("signs id, second and body as Standard Webhooks says, for each secret", () => {
    const secrets = [newSecret(), newSecret()];
    const body = '{"text":"Grüße 😀"}';
    const headers = standardSigner(box)(
      secrets.map((one) => box.seal(one)),
      "dlv_1",
      at,
      body,
    );
    const signed = secrets.map(
      (one) =>
        `v1,${createHmac("sha256", Buffer.from(one.slice(6), "base64"))
          .update(Buffer.from(`dlv_1.1795341600.${body}`, "utf8"))
          .digest("base64")}`,
    );
    expect(headers).toEqual({
      "webhook-id": "dlv_1",
      "webhook-timestamp": "1795341600",
      "webhook-signature": signed.join(" "),
    });
  });
});
