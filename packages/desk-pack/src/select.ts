import { type Located, pointerTo } from "./yaml.ts";

export interface Found {
  readonly file: string;
  readonly line: number;
  readonly pointer: string;
  /** The last key of the pointer: for a map, what its author wrote. */
  readonly key: string;
  readonly value: unknown;
}

/**
 * Every value at a path, `*` standing for each item or key: `/people/…/team`. A value of another shape than expected
 * is left out, so that cross-checks can run over a file that also has other problems.
 */
export function select(located: Located, path: string): Found[] {
  let found: { pointer: string; key: string; value: unknown }[] = [{ pointer: "", key: "", value: located.value }];
  for (const step of path.split("/").slice(1)) {
    found = found.flatMap(({ pointer, value }) =>
      childrenOf(value, step).map(([key, child]) => ({ pointer: pointerTo(pointer, key), key, value: child })),
    );
  }
  return found.map((item) => ({ ...item, file: located.file, line: located.lineOf(item.pointer) }));
}

function childrenOf(value: unknown, step: string): (readonly [key: string, child: unknown])[] {
  if (typeof value !== "object" || value === null) return [];
  if (step === "*") return Object.entries(value);
  // An object's own key: its values are data from a file, whatever their type.
  return Object.hasOwn(value, step) ? [[step, (value as Record<string, unknown>)[step]]] : [];
}

export const isText = (found: Found): found is Found & { readonly value: string } => typeof found.value === "string";

/** The one text at a path, if there is one. */
export function textAt(located: Located, path: string): string | undefined {
  const value = select(located, path)[0]?.value;
  return typeof value === "string" ? value : undefined;
}
