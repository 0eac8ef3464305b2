const TEXT_OID = 25;
const HEADER = 20;

/**
 * A `text[]` parameter in Postgres' binary form: dimensions, null flag, element type, length, lower bound, and then each
 * element with its length. As text, every quote and backslash of every JSON body would be escaped here and parsed there.
 */
export function binaryTextArray(values: readonly (string | null)[]): Buffer {
  let bytes = HEADER;
  const lengths = values.map((value) => {
    const length = value === null ? 0 : Buffer.byteLength(value);
    bytes += 4 + length;
    return length;
  });
  const buffer = Buffer.allocUnsafe(bytes);
  buffer.writeInt32BE(values.length === 0 ? 0 : 1, 0);
  buffer.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  buffer.writeInt32BE(TEXT_OID, 8);
  if (values.length === 0) return buffer.subarray(0, 12);
  buffer.writeInt32BE(values.length, 12);
  buffer.writeInt32BE(1, 16);
  let at = HEADER;
  values.forEach((value, index) => {
    const length = lengths[index] ?? 0;
    buffer.writeInt32BE(value === null ? -1 : length, at);
    at += 4;
    if (value !== null) at += buffer.write(value, at);
  });
  return buffer;
}
