import { contentHash } from "@opsdesk/identity";

/** One attempt as it was made. */
export interface Attempt {
  readonly tenant: string;
  readonly deliveryId: string;
  readonly attempt: number;
  readonly startedAt: string;
  readonly latencyMs: number;
  /** `delivered`, or why not. */
  readonly code: string;
  readonly message: string;
  readonly status: number | null;
  /** Names and values as JSON text. */
  readonly requestHeaders: string;
  readonly responseHeaders: string;
  /** At most 16 KiB of it. */
  readonly responseBody: string;
  readonly responseTruncated: boolean;
}

export interface LoggedAttempt extends Attempt {
  /** Of headers and body. The chain covers it and not them, so that it still verifies when they have been erased. */
  readonly contentHash: string;
  readonly previousHash: string | null;
  readonly hash: string;
}

const content = ({ requestHeaders, responseHeaders, responseBody }: Attempt): readonly string[] => [
  requestHeaders,
  responseHeaders,
  responseBody,
];
const erased = (attempt: Attempt): boolean => content(attempt).every((text) => text === "");

const linkHash = ({
  requestHeaders: _,
  responseHeaders: __,
  responseBody: ___,
  ...kept
}: Attempt & { contentHash: string; previousHash: string | null }): string => contentHash(kept);

/** The next link of a delivery's chain. */
export function chained(attempt: Attempt, previousHash: string | null): LoggedAttempt {
  const link = { ...attempt, contentHash: contentHash(content(attempt)), previousHash };
  return { ...link, hash: linkHash(link) };
}

/** Whether a delivery's attempts, in order, are all there and unchanged. `lastHash` is kept with the delivery. */
export function chainHolds(attempts: readonly LoggedAttempt[], lastHash: string | null): boolean {
  let previous: string | null = null;
  for (const { hash, ...attempt } of attempts) {
    if (attempt.previousHash !== previous || linkHash(attempt) !== hash) return false;
    if (!erased(attempt) && contentHash(content(attempt)) !== attempt.contentHash) return false;
    previous = hash;
  }
  return previous === lastHash;
}
