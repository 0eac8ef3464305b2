/**
 * Names of indices. `<prefix>-<collection>-v<schema>` is the first generation, `…-g2` the second and so on; events have
 * an index a day: `…-2026.11.20`. Readers know the aliases alone: `<prefix>-<collection>`.
 */

/** Rises when a field changes so that documents already indexed could not be read alike: then a rebuild is needed. */
export const SCHEMA = 1;

export interface Place {
  readonly collection: string;
  readonly schema: number;
  readonly generation: number;
  readonly day: string | null;
}

export const aliasOf = (prefix: string, collection: string): string => `${prefix}-${collection}`;

export const indexOf = (prefix: string, collection: string, generation: number, day?: string): string =>
  [
    aliasOf(prefix, collection),
    `v${SCHEMA}`,
    ...(generation === 1 ? [] : [`g${generation}`]),
    ...(day === undefined ? [] : [day]),
  ].join("-");

/** Undefined for what is no index of ours. */
export function placeOf(prefix: string, index: string): Place | undefined {
  if (!index.startsWith(`${prefix}-`)) return undefined;
  const [, collection, schema, generation = "1", day = null] =
    /^([a-z]+)-v(\d+)(?:-g(\d+))?(?:-(\d{4}\.\d\d\.\d\d))?$/.exec(index.slice(prefix.length + 1)) ?? [];
  return collection === undefined
    ? undefined
    : { collection, schema: Number(schema), generation: Number(generation), day };
}

const DAY_MS = 86_400_000;

/** The first day that is kept. */
export const keptFrom = (now: number, days: number): string =>
  new Date(now - days * DAY_MS).toISOString().slice(0, "2000-01-01".length).replaceAll("-", ".");

/** Indices that are past their days, and what an earlier generation has left behind. */
export const expired = (
  prefix: string,
  indices: readonly string[],
  { generation, from }: { readonly generation: number; readonly from: string },
): readonly string[] =>
  indices.filter((index) => {
    const place = placeOf(prefix, index);
    if (place === undefined) return false;
    const left = place.schema < SCHEMA || (place.schema === SCHEMA && place.generation < generation);
    return left || (place.day !== null && place.day < from);
  });
