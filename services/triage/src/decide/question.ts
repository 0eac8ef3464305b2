/** One question to an outside model: what it is told, what it may answer, and what that answer says in the port's form. */
export interface Question {
  /** The same from ticket to ticket while the desk stays as it is, so that a provider may keep it. */
  readonly system: string;
  /** What this ticket brings. Everything in it that others wrote stands between marks. */
  readonly user: string;
  /** JSON Schema of the answer. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** An answer that does not have the form comes back as it is, so that it is refused and recorded. */
  readonly read: (answer: unknown) => unknown;
}

/** Flat, closed and with every property required, which is what providers hold a model to; they do not enforce ranges. */
export const answerSchema = (properties: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
  type: "object",
  additionalProperties: false,
  required: Object.keys(properties),
  properties,
});

/** An empty list is no schema: then anything may be said, and is refused afterwards. */
export const oneOfThese = (ids: readonly string[]): Readonly<Record<string, unknown>> =>
  ids.length === 0 ? { type: "string" } : { type: "string", enum: [...new Set(ids)] };

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const areTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");
