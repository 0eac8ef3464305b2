/** One column of a table whose rows are multiplied, as the catalogue and the statistics have it. */
export interface Column {
  readonly name: string;
  /** As `format_type` says it: `text`, `bigint`, `timestamp with time zone`. */
  readonly type: string;
  /** Filled by Postgres itself: an identity or a generated column. */
  readonly given: boolean;
  readonly inIndex: boolean;
  /** Whether its values tell rows apart; a column of few values (a tenant, a status, an endpoint) is copied as it is. */
  readonly various: boolean;
  /** One value of it, as text; null where it has none. */
  readonly sample: string | null;
  /** Kept beside its row, in pieces. */
  readonly outOfLine: boolean;
}

/** Above every number that a real ticket has, so that the real ones go on from where they are. */
export const FAR = 10_000_000;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** `tkt_…`, and `<msg_…@host>` as mail has it. */
const PREFIXED = /^(<?[a-z]+_)[0-9a-z]{26}(@[a-z0-9.-]+>)?$/;
const NUMBERED = /^(OD-|bench-|Customer bench-)\d+(@example\.org)?$/;
const HASH = /^[0-9a-f]{64}$/;

/**
 * What the n-th copy of a row has in a column, as SQL; undefined: the column is left to Postgres. `copy` and `stride`
 * are SQL too: the number of the copy, and how many tickets one copy holds. The same value becomes the same new value
 * in every table, so rows of one ticket stay together; a random id becomes a random one, a number goes on rising.
 */
export function copied(column: Column, copy: string, stride: string, withoutBodies: boolean): string | undefined {
  const name = `"${column.name}"`;
  if (column.given) return undefined;
  if (column.outOfLine && withoutBodies) return column.type === "jsonb" ? `'[]'::jsonb` : `left(${name}, 64)`;
  if (column.name === "response_due_at") return `${name} + interval '30 days'`;
  if (!column.various || column.sample === null) return name;
  const random = `md5(${name} || ':' || ${copy})`;
  switch (column.type) {
    case "uuid":
      return `md5(${name}::text || ':' || ${copy})::uuid`;
    case "bigint":
      return column.inIndex ? `${name} + ${copy} * ${stride}` : name;
    case "text": {
      const { sample } = column;
      const [, prefix, suffix = ""] = PREFIXED.exec(sample) ?? [];
      if (UUID.test(sample)) return `${random}::uuid::text`;
      if (prefix !== undefined) return `'${prefix}' || left(${random}, 26) || '${suffix}'`;
      if (HASH.test(sample)) return column.inIndex ? `${random} || ${random}` : name;
      const [, before, after = ""] = NUMBERED.exec(sample) ?? [];
      if (before !== undefined)
        return `'${before}' || (substring(${name} from '\\d+')::bigint + ${FAR} + ${copy} * ${stride}) || '${after}'`;
      return name;
    }
    default:
      return name;
  }
}
