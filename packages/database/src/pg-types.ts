import { BugError } from "@opsdesk/errors";
import pg from "pg";
import { binaryTextArray } from "./text-array.ts";
import { TextArray } from "./sql.ts";

// int8 counts and offsets stay below 2^53; numbers spare every store a conversion.
const INT8 = 20;
// Its own types know one overload for each format.
const parsers = pg.types as unknown as { getTypeParser(oid: number, format?: string): (value: string) => unknown };

/** How answers are read, the same by every adapter. */
export const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: string) =>
    oid === INT8 && format !== "binary" ? Number : parsers.getTypeParser(oid, format),
};

/** Parameters as `pg` sends them: text arrays in their binary form. */
export const encoded = (values: readonly unknown[]): unknown[] =>
  values.map((value) => (value instanceof TextArray ? binaryTextArray(value.texts) : value));

/** Postgres answers the commit of a failed transaction with a rollback, and no error. */
export function expectCommit(command: string): void {
  if (command !== "COMMIT")
    throw new BugError("transaction_lost", "a transaction went on after one of its statements had failed");
}
