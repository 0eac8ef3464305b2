/**
 * SQL as a value: text with `$n` parameters, and their values. Statements are built, merged and run later,
 * which is how a whole batch becomes one statement.
 */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** A value that is written as `text[]`: an adapter may send it in a cheaper form than text. */
export class TextArray {
  readonly texts: readonly (string | null)[];
  constructor(texts: readonly (string | null)[]) {
    this.texts = texts;
  }
}

const after = (text: string | undefined, type: string): boolean => text?.startsWith(type) === true;
const isTexts = (value: unknown): value is readonly (string | null)[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string" || one === null);

const isStatement = (value: unknown): value is Sql => value instanceof Sql;

/** A piece of SQL that may stand inside another; its parameters are numbered when the whole is rendered. */
export class Sql {
  readonly #strings: readonly string[];
  readonly #parts: readonly unknown[];

  constructor(strings: readonly string[], parts: readonly unknown[]) {
    this.#strings = strings;
    this.#parts = parts;
  }

  /** The finished statement. Equal pieces give equal text, so that the driver can prepare it once. */
  render(): Statement {
    const values: unknown[] = [];
    const write = (piece: Sql): string => {
      let text = piece.#strings[0] ?? "";
      piece.#parts.forEach((part, index) => {
        if (isStatement(part)) text += write(part);
        else {
          values.push(after(piece.#strings[index + 1], "::text[]") && isTexts(part) ? new TextArray(part) : part);
          text += `$${values.length}`;
        }
        text += piece.#strings[index + 1] ?? "";
      });
      return text;
    };
    return { text: write(this), values };
  }
}

/** Template tag: values become parameters, `Sql` pieces are inlined. */
export const sql = (strings: TemplateStringsArray, ...parts: readonly unknown[]): Sql => new Sql(strings, parts);

const NAME = /^[a-z_][a-z0-9_]*$/;

/** An identifier from our own code (a schema, a table), never from outside. Throws on anything unusual. */
export function identifier(name: string): Sql {
  if (!NAME.test(name)) throw new TypeError(`not an SQL identifier: ${name}`);
  return new Sql([name], []);
}

/** Joins pieces with a separator that is plain SQL text. */
export const join = (pieces: readonly Sql[], separator: string): Sql =>
  pieces.length === 0 ? new Sql([""], []) : new Sql(["", ...pieces.slice(1).map(() => separator), ""], pieces);
