import { TransientError } from "@opsdesk/errors";
import type { SearchStore } from "../clients/store.ts";
import { collections, indexed } from "../decide/collections.ts";
import { SCHEMA, aliasOf, indexOf, placeOf } from "../decide/generation.ts";
import { isKnown } from "../decide/fold.ts";
import { mappingOfFields } from "../decide/mapping.ts";

/** Where documents go: which generation is read from, and indices that are there before anything is written to them. */
export interface Places {
  /** The generation that the aliases show. Makes the first one where there is none. */
  current(): Promise<number>;
  /** Empty indices of the generation after the newest, which no alias shows. */
  next(): Promise<number>;
  /** Shows this generation and deletes the others, at once. */
  activate(generation: number): Promise<void>;
  /** The index of a day's events, made when it is missing. */
  ofDay(generation: number, day: string, shown: boolean): Promise<string>;
  /** Something that was there is gone: look again. */
  forget(): void;
}

const names = collections.map((collection) => collection.name);

export function placesOf(store: SearchStore, prefix: string): Places {
  let prepared: Promise<void> | undefined;
  const days = new Set<string>();

  /** Which generation the aliases show; null where there is none yet. */
  async function shown(): Promise<number | null> {
    const aliases = await store.aliases(`${prefix}-*`);
    const generations = names.map((name) => {
      const [index] = aliases.get(aliasOf(prefix, name)) ?? [];
      return index === undefined ? null : placeOf(prefix, index);
    });
    const known = generations.filter(isKnown);
    if (known.length === 0) return null;
    const [first] = known;
    if (first === undefined || first.schema !== SCHEMA)
      throw new TransientError(
        "rebuild_needed",
        `the indices are of schema v${String(first?.schema)} and this service writes v${SCHEMA}: rebuild the projection`,
      );
    return first.generation;
  }

  async function createAll(generation: number, visible: boolean): Promise<void> {
    for (const name of names)
      await store.createIndex(indexOf(prefix, name, generation), visible ? [aliasOf(prefix, name)] : []);
  }

  async function templates(): Promise<void> {
    for (const { name, fields } of indexed)
      await store.putTemplate(aliasOf(prefix, name), `${aliasOf(prefix, name)}-v*`, mappingOfFields(fields));
  }

  /** Templates reach new indices only; those in use gain new fields here. */
  async function prepare(): Promise<void> {
    await templates();
    const generation = await shown();
    await createAll(generation ?? 1, true);
    const aliases = await store.aliases(`${prefix}-*`);
    for (const { name, fields } of indexed)
      for (const index of aliases.get(aliasOf(prefix, name)) ?? [])
        if ((await store.putMapping(index, mappingOfFields(fields))) === "refused")
          throw new TransientError("rebuild_needed", `${index} does not take today's mapping: rebuild the projection`);
  }

  return {
    async current() {
      prepared ??= prepare();
      try {
        await prepared;
      } catch (error) {
        prepared = undefined;
        throw error;
      }
      const generation = await shown();
      if (generation !== null) return generation;
      prepared = undefined;
      throw new TransientError("search_unavailable", "the indices are gone; they are made again");
    },
    async next() {
      await templates();
      const all = await store.indices(`${prefix}-*`);
      const places = all.map((index) => ({ index, place: placeOf(prefix, index) }));
      const visible = new Set([...(await store.aliases(`${prefix}-*`)).values()].flat());
      const taken = places.filter(({ index, place }) => place?.schema === SCHEMA && visible.has(index));
      const generation = 1 + Math.max(0, ...taken.map(({ place }) => place?.generation ?? 0));
      // What an interrupted rebuild has left.
      const left = places.filter(({ place }) => place?.schema === SCHEMA && place.generation >= generation);
      await store.deleteIndices(left.map(({ index }) => index));
      days.clear();
      await createAll(generation, false);
      return generation;
    },
    async activate(generation) {
      const all = await store.indices(`${prefix}-*`);
      const known = all.flatMap((index) => {
        const place = placeOf(prefix, index);
        return place === undefined ? [] : [{ index, place }];
      });
      const isNew = ({ place }: (typeof known)[number]): boolean =>
        place.schema === SCHEMA && place.generation === generation;
      await store.changeAliases([
        ...known
          .filter(isNew)
          .map(({ index, place }) => ({ add: { index, alias: aliasOf(prefix, place.collection) } })),
        ...known.filter((one) => !isNew(one)).map(({ index }) => ({ remove_index: { index } })),
      ]);
      days.clear();
      prepared = undefined;
    },
    async ofDay(generation, day, visible) {
      const index = indexOf(prefix, "events", generation, day);
      if (!days.has(index)) {
        await store.createIndex(index, visible ? [aliasOf(prefix, "events")] : []);
        // Another process may have switched meanwhile: this day would then stand beside the same day of the new one.
        if (visible && (await shown()) !== generation) {
          await store.deleteIndices([index]);
          throw new TransientError("search_unavailable", "the generation has changed; the events are written again");
        }
        days.add(index);
      }
      return index;
    },
    forget() {
      prepared = undefined;
      days.clear();
    },
  };
}
