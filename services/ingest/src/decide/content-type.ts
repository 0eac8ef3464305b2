/** Beginnings that tell what a content is, whatever its name says. */
const SIGNATURES: readonly (readonly [string, readonly number[]])[] = [
  ["application/pdf", [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ["image/png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38]],
  ["application/zip", [0x50, 0x4b, 0x03, 0x04]],
  ["application/gzip", [0x1f, 0x8b]],
];

const SAMPLE = 4_096;

/** The media type of a content by its bytes: a known signature, text where it reads as text, otherwise just bytes. */
export function contentTypeOf(content: Uint8Array): string {
  const known = SIGNATURES.find(([, bytes]) => bytes.every((byte, index) => content[index] === byte));
  if (known !== undefined) return known[0];
  const sample = content.subarray(0, SAMPLE);
  if (sample.some((byte) => byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b)))
    return "application/octet-stream";
  try {
    // The sample may end within a character, so only what comes before it has to be whole.
    new TextDecoder("utf-8", { fatal: true }).decode(sample, { stream: true });
    return "text/plain";
  } catch {
    return "application/octet-stream";
  }
}
