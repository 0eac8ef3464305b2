import type { TLocalizedValidationError } from "typebox/error";

export interface SchemaProblem {
  /** JSON pointer into the checked value: to the missing, unknown or wrong property itself. */
  readonly path: string;
  readonly message: string;
}

type Fault = TLocalizedValidationError;

const pointerPart = (name: string) => name.replaceAll("~", "~0").replaceAll("/", "~1");

/** What the schema calls the values that it wants there ("RFC 3339"), where it says. */
function wantedAt(schema: object, schemaPath: string): string | undefined {
  let node: unknown = schema;
  for (const part of schemaPath.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    // Indexing is safe for any object; a path that leads nowhere ends as undefined.
    node = typeof node === "object" && node !== null ? (node as Readonly<Record<string, unknown>>)[name] : undefined;
  }
  return typeof node === "object" && node !== null && "description" in node ? String(node.description) : undefined;
}

function toProblems(fault: Fault, schema: object): readonly SchemaProblem[] {
  const { instancePath: path } = fault;
  const at = (names: readonly string[], message: string) =>
    names.map((name) => ({ path: `${path}/${pointerPart(name)}`, message }));
  switch (fault.keyword) {
    case "required":
      return at(fault.params.requiredProperties, "is missing");
    case "additionalProperties":
      return at(fault.params.additionalProperties, "is not a known property");
    case "boolean":
      // Says the same as `additionalProperties`, once more.
      return [];
    case "enum":
      return [{ path, message: `must be one of ${fault.params.allowedValues.join(", ")}` }];
    case "const":
      return [{ path, message: `must be ${String(fault.params.allowedValue)}` }];
    case "pattern": {
      const wanted = wantedAt(schema, fault.schemaPath);
      return [{ path, message: wanted === undefined ? fault.message : `must be ${wanted}` }];
    }
    default:
      return [{ path, message: fault.message }];
  }
}

/** The faults of each alternative of a failed union. Items of an array share a schema path, so both paths must match. */
function alternativesOf(union: Fault, faults: readonly Fault[]): readonly (readonly Fault[])[] {
  const prefix = `${union.schemaPath}/anyOf/`;
  const below = (fault: Fault) =>
    fault.schemaPath.startsWith(prefix) && `${fault.instancePath}/`.startsWith(`${union.instancePath}/`);
  const alternatives = Map.groupBy(
    faults.filter(below),
    (fault) => fault.schemaPath.slice(prefix.length).split("/")[0],
  );
  return [...alternatives.values()];
}

/** How far a value is from an alternative: the wrong kind of value is farthest, then the wrong tag, then its own faults. */
function distance(alternative: readonly Fault[], union: Fault): number {
  if (alternative.some((fault) => fault.keyword === "type" && fault.instancePath === union.instancePath)) return 10_000;
  return alternative.length + (alternative.some((fault) => fault.keyword === "const") ? 1_000 : 0);
}

/** What to say of a failed union as a whole, where no single alternative is what the writer meant. */
function unionProblem(union: Fault, alternatives: readonly (readonly Fault[])[]): SchemaProblem | undefined {
  const faults = alternatives.flat();
  const tags = faults.filter((fault) => fault.keyword === "const");
  const [tag] = tags;
  if (tag !== undefined && alternatives.every((faultsOfOne) => faultsOfOne.some((fault) => fault.keyword === "const")))
    return {
      path: tag.instancePath,
      message: `must be one of ${tags.map((each) => String(each.params.allowedValue)).join(", ")}`,
    };
  const needed = faults.flatMap((fault) => (fault.keyword === "required" ? fault.params.requiredProperties : []));
  // Alternatives that each lack just one property are how a schema says that one of them must be there.
  const eitherOf = alternatives.length > 1 && faults.length === alternatives.length && needed.length === faults.length;
  return eitherOf ? { path: union.instancePath, message: `must have ${needed.join(" or ")}` } : undefined;
}

/**
 * What a reader of a refusal should see of a validator's faults. Of a failed union only the nearest alternative is
 * kept: a command that lacks one property is not told about the twelve other commands.
 */
export function problemsOf(faults: readonly Fault[], schema: object): readonly SchemaProblem[] {
  const unions = faults
    .filter((fault) => fault.keyword === "anyOf")
    .toSorted((a, b) => a.schemaPath.length - b.schemaPath.length);
  const dropped = new Set<Fault>();
  const whole: SchemaProblem[] = [];
  for (const union of unions) {
    if (dropped.has(union)) continue;
    const alternatives = alternativesOf(union, faults);
    const problem = unionProblem(union, alternatives);
    const [nearest, ...others] = alternatives.toSorted((a, b) => distance(a, union) - distance(b, union));
    if (problem !== undefined) whole.push(problem);
    if (problem !== undefined || nearest !== undefined) dropped.add(union);
    for (const fault of (problem === undefined ? others : alternatives).flat()) dropped.add(fault);
  }
  const own = faults.filter((fault) => !dropped.has(fault)).flatMap((fault) => toProblems(fault, schema));
  return [...own, ...whole];
}
