/** A text as a pattern that matches it alone. A pattern with the flag `u` takes no other escapes than these. */
export const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
