/** Headers as people keep them: `name: value` lines, as a browser or curl shows them, or a JSON object. */
export function headersOf(text: string): ReadonlyMap<string, string> {
  const object = jsonOf(text);
  const pairs = object === undefined ? linesOf(text) : Object.entries(object);
  return new Map(
    pairs.map(([name, value]) => [
      name.trim().toLowerCase(),
      Array.isArray(value) ? value.join(", ") : String(value).trim(),
    ]),
  );
}

function jsonOf(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const linesOf = (text: string): readonly (readonly [string, unknown])[] =>
  text.split(/\r?\n/).flatMap((line) => {
    // curl -v marks what it sent and got.
    const [, name, value] = /^[<>]?\s*([A-Za-z0-9-]+):\s*(.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
