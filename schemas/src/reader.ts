import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { Settings } from "typebox/system";
import { contracts } from "./contracts.ts";
import { Envelope } from "./envelope.ts";
import { problemsOf, type SchemaProblem } from "./problems.ts";
import { tolerant } from "./tolerant.ts";

const PROBLEMS_MAX = 10;
// The default of 8 hides the fault that matters behind those of a union's other alternatives.
const FAULTS_MAX = 200;

/** Compiles a check that answers with at most ten problems; none means valid. */
export function checker(schema: TSchema): (value: unknown) => readonly SchemaProblem[] {
  let validator: ReturnType<typeof Compile> | undefined;
  return (value) => {
    // Compiled at first use: a process needs only the few contracts that its service touches.
    validator ??= Compile(schema);
    if (validator.Check(value)) return [];
    return faultsOf(validator, schema, value).slice(0, PROBLEMS_MAX);
  };
}

function faultsOf(validator: ReturnType<typeof Compile>, schema: TSchema, value: unknown): readonly SchemaProblem[] {
  const { maxErrors } = Settings.Get();
  Settings.Set({ maxErrors: FAULTS_MAX });
  try {
    const problems = problemsOf(validator.Errors(value), schema);
    // A refusal always says something, even where the validator's list and its check were to disagree.
    return problems.length > 0 ? problems : [{ path: "", message: "does not match its schema" }];
  } finally {
    // The setting is the whole process's: other users of the library keep theirs.
    Settings.Set({ maxErrors });
  }
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
