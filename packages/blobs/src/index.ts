export const BLOB_BYTES_MAX = 25 * 1024 * 1024;

/**
 * The blob port: content too large for an event, kept under `<tenant>/<sha256>`.
 *
 * Putting the same content twice is one blob. `get` answers undefined where there is none and throws BugError
 * `blob_corrupt` when the content no longer has its hash; `put` throws RejectedError `blob_too_large`.
 */
export interface Blobs {
  put(tenant: string, content: Uint8Array): Promise<{ ref: string; sha256: string; bytes: number }>;
  get(ref: string): Promise<Uint8Array | undefined>;
}

const REF = /^([a-z0-9][a-z0-9-]{0,62}(?:~eval)?)\/([0-9a-f]{64})$/;

/** The parts of a reference, or undefined when it is not one: a reference from outside is never a path. */
export function parseRef(ref: string): { tenant: string; sha256: string } | undefined {
  const match = REF.exec(ref);
  return match?.[1] === undefined || match[2] === undefined ? undefined : { tenant: match[1], sha256: match[2] };
}
