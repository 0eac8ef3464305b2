import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { DecisionLinks } from "./decide/links.ts";

const TOKEN = /^(\d{1,12})\.([0-9a-f]{64})$/;

/**
 * Decision links whose token is `<expiry in seconds since the epoch>.<hex HMAC-SHA256 of review id and expiry>`.
 * The key never leaves this service; that a link is used once is kept with its review.
 */
export function decisionLinks(key: string, publicUrl: string): DecisionLinks {
  const secret = utf8ToBytes(key);
  const sign = (reviewId: string, expiry: string): string =>
    bytesToHex(hmac(sha256, secret, utf8ToBytes(`${reviewId}\n${expiry}`)));
  return {
    url(reviewId, expiresAt) {
      const expiry = String(Math.floor(Date.parse(expiresAt) / 1_000));
      return `${publicUrl}/v1/decisions/${encodeURIComponent(reviewId)}?token=${expiry}.${sign(reviewId, expiry)}`;
    },
    admits(reviewId, token, now) {
      const [, expiry, signature] = TOKEN.exec(token) ?? [];
      if (expiry === undefined || signature === undefined) return false;
      return equal(signature, sign(reviewId, expiry)) && Number(expiry) * 1_000 > Date.parse(now);
    },
  };
}

/** In a time that does not tell how much of it was right. */
function equal(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let i = 0; i < other.length; i += 1) difference |= (one.charCodeAt(i) || 0) ^ other.charCodeAt(i);
  return difference === 0;
}
