/** What Postgres refuses in jsonb: the null character, and half a surrogate pair. Both come in e-mail. */
const REFUSED = /\\u(?:0000|d[89a-f][0-9a-f]{2})/i;

/** A value as JSON that jsonb takes. Only what it refuses is replaced. */
export function jsonb(value: unknown): string {
  const text = JSON.stringify(value);
  if (!REFUSED.test(text)) return text;
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "string" ? inner.toWellFormed().replaceAll("\0", "") : inner,
  );
}

/** The same for a text column. */
export const storable = (text: string): string => text.toWellFormed().replaceAll("\0", "");
