import type { Field, Fields } from "./field.ts";

/** Lucene refuses a longer term, and would with it the whole document. */
const TERM_CHARACTERS_MAX = 1_024;

const mappingOf = (field: Field): object =>
  field.type === "keyword" ? { type: "keyword", ignore_above: TERM_CHARACTERS_MAX } : { type: field.type };

/**
 * Strict: a field that is not declared is a mistake, and is not guessed at. `fold` is what documents are made from when
 * the next event comes; it is kept as it is and cannot be searched.
 */
export const mappingOfFields = (fields: Fields): object => ({
  dynamic: "strict",
  properties: {
    ...Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, mappingOf(field)])),
    fold: { type: "object", enabled: false },
  },
});

/** Only what may be kept: without `rawText` no field of a person's words or name. */
export const permitted = <T extends object>(fields: Fields, record: T, rawText: boolean): T =>
  rawText
    ? record
    : // The same record without some of its optional properties.
      (Object.fromEntries(Object.entries(record).filter(([name]) => fields[name]?.personal !== "raw")) as T);
