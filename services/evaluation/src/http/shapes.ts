import { Problem } from "@opsdesk/schemas/common";
import { Scenario } from "@opsdesk/schemas/desk";
import Type, { type TSchema } from "typebox";

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const NullableText = Nullable(Type.String());
const NullableNumber = Nullable(Type.Number());

export const WriteHeaders = Type.Object({ "idempotency-key": Type.String({ minLength: 1, maxLength: 200 }) });

export const ListQuery = Type.Object({
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
});

export const RunParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) });

/** Without `scenarioIds`, all of the desk's golden scenarios are run. */
export const StartBody = Type.Object(
  {
    scenarioIds: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 500 }),
    ),
  },
  { additionalProperties: false },
);

export const StartAnswer = Type.Object({ runId: Type.String() });

const Scores = Type.Object({
  passRate: Type.Number(),
  /** The 95 % Wilson interval of the pass rate. */
  passRateLow: Type.Number(),
  passRateHigh: Type.Number(),
  citationPrecision: NullableNumber,
  citationRecall: NullableNumber,
  hallucinationRate: NullableNumber,
  factRecall: NullableNumber,
  latencyMsP50: Type.Number(),
  latencyMsP95: Type.Number(),
  costMicros: Type.Integer(),
});

export const Run = Type.Object({
  runId: Type.String(),
  /** `failed`: it could not be submitted or scored; `failure` says which. */
  status: Type.Enum(["queued", "running", "completed", "failed"]),
  requestedBy: Type.String(),
  deskVersion: Type.Integer(),
  /** Scenarios with a disposition, of all. */
  progress: Type.Object({ done: Type.Integer(), total: Type.Integer() }),
  requestedAt: Type.String(),
  deadlineAt: Type.String(),
  submittedAt: NullableText,
  completedAt: NullableText,
  passed: Nullable(Type.Integer()),
  scores: Nullable(Scores),
  failure: NullableText,
});

export const RunList = Type.Object({ items: Type.Array(Run), nextCursor: NullableText });

const Result = Type.Object({
  scenarioId: Type.String(),
  version: Type.String(),
  title: Type.String(),
  kind: Type.String(),
  ticketId: NullableText,
  disposition: NullableText,
  categoryId: NullableText,
  templateId: NullableText,
  priority: NullableText,
  rules: Type.Array(Type.String()),
  evidenceSources: Type.Array(Type.String()),
  citedSources: Type.Array(Type.String()),
  draft: NullableText,
  /** Sentences of the draft that neither the evidence nor approved text supports. */
  unsupported: Type.Array(Type.String()),
  reply: Nullable(Type.Object({ outcome: Type.String(), carrier: NullableText })),
  latencyMs: NullableNumber,
  costMicros: Type.Integer(),
  passed: Nullable(Type.Boolean()),
  problems: Type.Array(Problem),
});

export const RunWithResults = Type.Object({
  ...Run.properties,
  failures: Type.Array(Type.Object({ scenarioId: Type.String(), problems: Type.Array(Problem) })),
  results: Type.Array(Result),
});

export const ScenarioList = Type.Object({
  items: Type.Array(Type.Object({ ...Scenario.properties, version: Type.String() })),
  nextCursor: NullableText,
});

export const CompareQuery = Type.Object({ with: Type.String({ minLength: 1, maxLength: 200 }) });

const Ids = Type.Array(Type.String());

export const ComparisonAnswer = Type.Object({
  runId: Type.String(),
  /** The run that it is compared with. */
  baselineId: Type.String(),
  verdict: Type.Enum(["better", "worse", "no_difference", "safety_regression"]),
  /** Of the exact McNemar test, two-sided. */
  pValue: Type.Number(),
  compared: Type.Integer(),
  bothPassed: Type.Integer(),
  bothFailed: Type.Integer(),
  gained: Ids,
  lost: Ids,
  safetyLost: Ids,
  notCompared: Ids,
});
