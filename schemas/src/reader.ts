import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { contracts } from "./contracts.ts";
import { Envelope } from "./envelope.ts";

export interface SchemaProblem {
  /** JSON pointer into the checked value. */
  readonly path: string;
  readonly message: string;
}

type Json = { readonly [key: string]: unknown } | readonly unknown[] | string | number | boolean | null | undefined;

/**
 * The reader of a producer's closed schema: unknown properties are ignored, and unknown members are accepted
 * where an enum is marked open, so that a consumer survives every later minor version.
 */
export function tolerant<S extends TSchema>(schema: S): S {
  const open = (node: Json): unknown => {
    if (Array.isArray(node)) return node.map((item: Json) => open(item));
    if (node === null || typeof node !== "object") return node;
    const entries = Object.entries(node as { readonly [key: string]: Json });
    if (entries.some(([key, value]) => key === "x-open" && value === true)) return { type: "string" };
    return Object.fromEntries(
      entries.filter(([key, value]) => !(key === "additionalProperties" && value === false)).map(([key, value]) => [key, open(value)]),
    );
  };
  // A schema is plain JSON; opening it keeps its shape, so it is still a schema of the same kind.
  return open(JSON.parse(JSON.stringify(schema)) as Json) as S;
}

/** Compiles a check that answers with at most ten problems; none means valid. */
export function checker(schema: TSchema): (value: unknown) => readonly SchemaProblem[] {
  let validator: ReturnType<typeof Compile> | undefined;
  return (value) => {
    // Compiled at first use: a process needs only the few contracts that its service touches.
    validator ??= Compile(schema);
    if (validator.Check(value)) return [];
    return validator
      .Errors(value)
      .slice(0, 10)
      .map((error) => ({ path: error.instancePath, message: error.message }));
  };
}

const strict = new Map(contracts.map((contract) => [contract.type as string, checker(contract.data)]));
const open = new Map(contracts.map((contract) => [contract.type as string, checker(tolerant(contract.data))]));

/** Checks an envelope's own attributes, without its data. */
export const checkEnvelope = checker(Envelope);

/** Checks a payload as its producer must write it. Throws nothing; an unknown type is a problem. */
export function checkProduced(type: string, data: unknown): readonly SchemaProblem[] {
  return strict.get(type)?.(data) ?? [{ path: "", message: `unknown event type ${type}` }];
}

/** Checks a payload as a consumer reads it. Enquiries come from outside and are read closed. */
export function checkConsumed(type: string, data: unknown): readonly SchemaProblem[] {
  const check = type === "enquiry.submitted" ? strict.get(type) : open.get(type);
  return check?.(data) ?? [{ path: "", message: `unknown event type ${type}` }];
}
