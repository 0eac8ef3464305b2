import type { TSchema } from "typebox";
import { contracts } from "./contracts.ts";
import { RECORD_BYTES_MAX } from "./envelope.ts";

/**
 * Types whose limits, all reached at once, exceed a record. Their lists are short or their texts brief in fact, and
 * narrower limits would refuse real events: the check of a record's bytes is what guards them. A type is added here
 * only with a reason.
 */
const GUARDED_BY_BYTES = new Map([
  ["admin.command_submitted", "arguments are free; their owner checks them"],
  ["ai.draft.auto_approved", "sentences and their quotes repeat a draft of at most 16,384 characters"],
  ["ai.draft.proposed", "the same"],
  ["ai.draft.review_required", "the same"],
  ["ai.draft.reviewed", "the same"],
  ["desk.configured", "above 128 KiB the desk goes by reference"],
  ["input.accepted", "a larger input goes by reference"],
  ["evaluation.completed", "problems are sentences, not pages"],
  ["examples.submitted", "a part also ends before the record limit"],
]);

type Node = Readonly<Record<string, unknown>>;
const VALUE_BYTES = 24;

/** The JSON bytes of the largest value that a schema allows, in ASCII and without escapes; infinite where it is unbounded. */
function largest(schema: Node): number {
  if (Array.isArray(schema.anyOf) && schema.type === undefined)
    return Math.max(...schema.anyOf.map((each: Node) => largest(each)));
  if ("const" in schema) return JSON.stringify(schema.const).length;
  if (Array.isArray(schema.enum)) return Math.max(...schema.enum.map((member) => JSON.stringify(member).length));
  if (schema.type === "array") return Number(schema.maxItems ?? Infinity) * (largest(schema.items as Node) + 1);
  if (schema.type === "object" && schema.properties === undefined) return Infinity;
  if (schema.type === "object")
    return Object.entries(schema.properties as Node).reduce(
      (sum, [name, child]) => sum + name.length + 4 + largest(child as Node),
      2,
    );
  if (schema.type === "string" && typeof schema.pattern === "string" && schema.maxLength === undefined) return 64;
  return schema.type === "string" ? Number(schema.maxLength ?? Infinity) + 2 : VALUE_BYTES;
}

describe("the limits of a contract", () => {
  it.each(contracts.map(({ type, data }) => [type, data] as readonly [string, TSchema]))(
    "%s keep its largest event within a record",
    (type, data) => {
      const fits = largest(data as unknown as Node) < RECORD_BYTES_MAX;
      expect(fits).toBe(!GUARDED_BY_BYTES.has(type));
    },
  );

  it("bound every list and every text", () => {
    // What these two hold is checked by whoever takes it.
    const free: readonly string[] = ["admin.command_submitted", "input.accepted"];
    const bounded = contracts.filter(({ type }) => !free.includes(type));
    for (const { data } of bounded) expect(Number.isFinite(largest(data as unknown as Node))).toBe(true);
  });
});
