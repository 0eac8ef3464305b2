import { v5 } from "uuid";
import { canonicalJson, contentHash, idFor, prefixedId, sha256Hex } from "./index.ts";

describe("identity", () => {
  it("gives a name the same id each time, and another name another", () => {
    // Written down: changing it would change every id there is.
    expect(idFor("it-helpdesk:email:1")).toBe("f245e717-5940-5779-be94-96e9fda5e945");
    expect(idFor("a")).not.toBe(idFor("b"));
    expect(idFor("a")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("makes an id of any text, half a surrogate pair included", () => {
    expect(idFor("\ud800")).toBe(idFor("\ufffd"));
  });

  it("makes the same id with Node's hash as without it, of names short and long", () => {
    const namespace = "6f0c1e52-7c55-5c0e-9d7e-1d6f3a1b9c25";
    for (const name of ["", "a", "ü€😀", "\ud800b", ...[340, 341, 336, 335, 2_000].map((n) => "é".repeat(n))])
      expect(idFor(name)).toBe(v5(name.toWellFormed(), namespace));
  });

  it("writes a UUID's 128 bits as 26 readable characters", () => {
    const id = prefixedId("tkt", "a");
    expect(id).toMatch(/^tkt_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
    const bits = Array.from(id.slice(4)).reduce(
      (sum, one) => sum * 32n + BigInt("0123456789abcdefghjkmnpqrstvwxyz".indexOf(one)),
      0n,
    );
    expect(bits.toString(16).padStart(32, "0")).toBe(idFor("a").replaceAll("-", ""));
  });

  it("hashes text as UTF-8, and bytes as they are", () => {
    expect(sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(sha256Hex(new TextEncoder().encode("ü"))).toBe(sha256Hex("ü"));
  });

  it("hashes equal values equally, whatever the order of their members", () => {
    expect(canonicalJson({ b: 1, a: [1, "ü"] })).toBe('{"a":[1,"ü"],"b":1}');
    expect(contentHash({ b: 1, a: 2 })).toBe(contentHash({ a: 2, b: 1 }));
  });
});
