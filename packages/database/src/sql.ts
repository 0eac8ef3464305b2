/**
 * SQL as a value: text with `$n` parameters, and their values. Statements are built, merged and run later,
 * which is how a whole batch becomes one statement.
 */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

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
          values.push(part);
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
