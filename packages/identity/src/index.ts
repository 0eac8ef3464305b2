import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import canonicalize from "canonicalize";
import { v5, v7 } from "uuid";

/** The namespace of every name-based id. Changing it changes every id: never. */
const NAMESPACE = "6f0c1e52-7c55-5c0e-9d7e-1d6f3a1b9c25";

/** The id that a name always has: a retried producer makes the same one. */
// Half a surrogate pair has no UTF-8; names come from outside too, and making an id must not fail.
export const idFor = (name: string): string => v5(name.toWellFormed(), NAMESPACE);

/** A new, time-ordered id for what has no name of its own (an enquiry without an external id). */
export const newId = (): string => v7();

// Asked for, not imported: the same code runs in a browser tab, where there is none. It is several times as fast.
const native = globalThis.process?.getBuiltinModule?.("node:crypto");

/** Hex SHA-256 of text (as UTF-8) or bytes. */
export const sha256Hex = (content: string | Uint8Array): string =>
  native === undefined
    ? bytesToHex(sha256(typeof content === "string" ? utf8ToBytes(content) : content))
    : native.createHash("sha256").update(content).digest("hex");

/** RFC 8785 canonical JSON: equal values give equal bytes, so that hashes and replays compare. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("canonicalJson: the value has no JSON form");
  return text;
}

/** Hex SHA-256 of the canonical JSON of a value. */
export const contentHash = (value: unknown): string => sha256Hex(canonicalJson(value));

const CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";

/** A prefixed, readable id (`tkt_…`) that a name always has: 26 Crockford base-32 characters of its UUID. */
export function prefixedId(prefix: string, name: string): string {
  const hex = idFor(name).replaceAll("-", "");
  // 26 digits of five bits are 130: the number's two highest bits are zero. Seven hex digits and five bits at most are
  // held at once, which a 32-bit integer can.
  let text = "";
  let held = 0;
  let bits = 2;
  for (const digit of hex) {
    held = (held << 4) | Number.parseInt(digit, 16);
    bits += 4;
    while (bits >= 5) {
      bits -= 5;
      text += CROCKFORD[held >> bits];
      held &= (1 << bits) - 1;
    }
  }
  return `${prefix}_${text}`;
}
