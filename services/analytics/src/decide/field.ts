/**
 * One field of a document that analysts see. The index mapping, the documents' types and the data dictionary are all
 * made from these, so that none of them can say something else.
 */
export interface Field {
  readonly type: "keyword" | "date" | "long" | "double" | "boolean" | "text";
  /** A list of keywords. */
  readonly many?: true;
  readonly meaning: string;
  /** Of a number. */
  readonly unit?: string;
  /** The event types, or the fields, that it comes from. */
  readonly from: string;
  /**
   * pseudonym: an id that stands for a person, without a name. raw: what a person wrote or is called; written only
   * where the installation asks for it.
   */
  readonly personal?: "pseudonym" | "raw";
}

export type Fields = Readonly<Record<string, Field>>;

interface Types {
  keyword: string;
  date: string;
  long: number;
  double: number;
  boolean: boolean;
  text: string;
}
type ValueOf<F extends Field> = F extends { readonly many: true } ? readonly string[] : Types[F["type"]];

/** A document of these fields. Null and absent mean the same: not known. */
export type DocumentOf<F extends Fields> = { readonly [K in keyof F]?: ValueOf<F[K]> | null };

type Kind<T extends Field["type"]> = Field & { readonly type: T };
type Person = NonNullable<Field["personal"]>;

export const keyword = (meaning: string, from: string, personal?: Person): Kind<"keyword"> => ({
  type: "keyword",
  meaning,
  from,
  ...(personal === undefined ? {} : { personal }),
});
export const keywords = (meaning: string, from: string): Kind<"keyword"> & { readonly many: true } => ({
  type: "keyword",
  many: true,
  meaning,
  from,
});
export const date = (meaning: string, from: string): Kind<"date"> => ({ type: "date", meaning, from });
export const flag = (meaning: string, from: string): Kind<"boolean"> => ({ type: "boolean", meaning, from });
export const long = (unit: string, meaning: string, from: string): Kind<"long"> => ({
  type: "long",
  meaning,
  unit,
  from,
});
export const double = (unit: string, meaning: string, from: string): Kind<"double"> => ({
  type: "double",
  meaning,
  unit,
  from,
});
export const raw = (meaning: string, from: string): Kind<"text"> => ({ type: "text", meaning, from, personal: "raw" });
