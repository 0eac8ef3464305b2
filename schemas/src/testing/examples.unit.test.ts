import { idFor } from "@opsdesk/identity";
import { contractOf, contracts } from "../contracts.ts";
import { RECORD_BYTES_MAX } from "../envelope.ts";
import { invalidExamples, validExamples } from "./examples.ts";
import { checkConsumed, checkEnvelope, checkProduced } from "../reader.ts";

type Check = (type: string, data: unknown) => readonly { readonly path: string }[];

const problemPaths = (event: { readonly type: string; readonly data?: unknown }, check: Check) => [
  ...checkEnvelope(event).map(({ path }) => path),
  ...check(event.type, event.data).map(({ path }) => `/data${path}`),
];

const valid = validExamples().map((example) => [example.name, example] as const);
const invalid = invalidExamples().map((example) => [example.name, example] as const);

describe("examples", () => {
  it.each(contracts.map(({ type }) => type))("%s has at least two valid and three invalid ones", (type) => {
    expect(validExamples(type).length).toBeGreaterThanOrEqual(2);
    expect(invalidExamples(type).length).toBeGreaterThanOrEqual(3);
  });
});

describe("a valid example", () => {
  it.each(valid)("%s may be produced and consumed", (_name, { event }) => {
    expect(problemPaths(event, checkProduced)).toEqual([]);
    expect(problemPaths(event, checkConsumed)).toEqual([]);
  });

  it.each(valid)("%s has the id that its idempotency key gives", (_name, { event }) => {
    expect(event.id).toBe(idFor(event.idempotencykey));
  });

  it.each(valid)("%s carries the version of its contract and fits a record", (name, { event }) => {
    expect(name.startsWith(`${event.type}/`)).toBe(true);
    expect(event.schemaversion).toBe(contractOf(event.type)?.schemaVersion);
    expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(RECORD_BYTES_MAX);
  });

  it.each(valid)("%s names its ticket as subject where its topic is keyed by tickets", (_name, { event }) => {
    if (contractOf(event.type)?.key !== "ticket") return;
    expect(event.data).toMatchObject({ ticketId: event.subject });
  });
});

describe("an invalid example", () => {
  it.each(invalid)("%s is refused for a producer, at its path", (_name, { path, event }) => {
    expect(problemPaths(event, checkProduced)).toContain(path);
  });

  it.each(invalid)(
    "%s is refused for a consumer too, unless a later minor version could mean it",
    (_name, { path, event, readersAccept }) => {
      const paths = problemPaths(event, checkConsumed);
      if (readersAccept === true) expect(paths).toEqual([]);
      else expect(paths).toContain(path);
    },
  );
});
