import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import canonicalize from "canonicalize";
import { parse, v5, v7 } from "uuid";

/** The namespace of every name-based id. Changing it changes every id: never. */
const NAMESPACE = "6f0c1e52-7c55-5c0e-9d7e-1d6f3a1b9c25";

// Asked for, not imported: the same code runs in a browser tab, where there is none. It is several times as fast.
const native = globalThis.process?.getBuiltinModule?.("node:crypto");

const NAMESPACE_BYTES = parse(NAMESPACE);
/** Reused: what is made of it is made before anybody else gets to run. */
const bytes = new Uint8Array(1_024);
bytes.set(NAMESPACE_BYTES);
const nameBytes = bytes.subarray(NAMESPACE_BYTES.length);
const utf8 = new TextEncoder();

/** The id that a name always has: a retried producer makes the same one. */
export function idFor(name: string): string {
  // Every UTF-16 unit is at most three bytes. Half a surrogate pair is written as U+FFFD.
  if (native !== undefined && name.length * 3 <= nameBytes.length) {
    const { written } = utf8.encodeInto(name, nameBytes);
    return uuidOf(native.hash("sha1", bytes.subarray(0, NAMESPACE_BYTES.length + written), "hex"));
  }
  // Half a surrogate pair has no UTF-8; names come from outside too, and making an id must not fail.
  return v5(name.toWellFormed(), NAMESPACE);
}

/** The first 128 bits of a SHA-1 with a version and a variant put in, as RFC 9562 has it for name-based ids. */
function uuidOf(hash: string): string {
  const variant = ((Number.parseInt(hash.charAt(16), 16) & 0b0011) | 0b1000).toString(16);
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-5${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/** A new, time-ordered id for what has no name of its own (an enquiry without an external id). */
export const newId = (): string => v7();

/** Hex SHA-256 of text (as UTF-8) or bytes. */
export const sha256Hex = (content: string | Uint8Array): string =>
  native === undefined
    ? bytesToHex(sha256(typeof content === "string" ? utf8ToBytes(content) : content))
    : native.hash("sha256", content, "hex");

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
