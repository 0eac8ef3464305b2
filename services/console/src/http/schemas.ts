import Type, { type TProperties } from "typebox";

/** Parts of the routes' schemas. A query's values are text: nothing is coerced. */
export const Shadow = Type.Optional(
  Type.Enum(["true", "false"], { description: "true: the shadow tenant (scope evaluation:read)" }),
);
export const Limit = Type.Optional(
  Type.String({ pattern: "^[1-9][0-9]{0,2}$", description: "at most 200 are answered; 50 by default" }),
);
export const Position = Type.String({ pattern: "^[0-9]{1,15}$" });
export const TypeList = Type.Optional(
  Type.String({ maxLength: 2_000, pattern: "^[a-z_.]+(,[a-z_.]+)*$", description: "event types, separated by commas" }),
);
export const Name = Type.String({ minLength: 1, maxLength: 200 });

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 200;
export const limitOf = (limit: string | undefined): number => Math.min(Number(limit ?? LIMIT_DEFAULT), LIMIT_MAX);
export const typesOf = (list: string | undefined): readonly string[] | undefined => list?.split(",");

const orNull = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) => Type.Union([schema, Type.Null()]);
/** A documented answer: its members are listed, and whatever an event carries beyond them is kept. */
const open = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: true });

const Text = Type.String();
const Maybe = orNull(Type.String());
const Whole = Type.Integer();

export const EventBody = open({
  position: Whole,
  id: Text,
  source: Text,
  type: Text,
  schemaversion: Text,
  time: Text,
  correlationid: Text,
  tenantid: Text,
  data: Type.Unknown(),
});

const story = {
  ticketId: Text,
  reference: Text,
  correlationId: Maybe,
  source: Maybe,
  externalId: Maybe,
  channel: Maybe,
  customer: Type.Object({ id: Maybe, name: Maybe }),
  subject: Maybe,
  status: Maybe,
  priority: Maybe,
  categoryId: Maybe,
  disposition: orNull(
    Type.String({
      description:
        "proposed, not_run, failed, abstained, gated, applied, refused or retired; null before a first proposal",
    }),
  ),
  dispositionReason: Maybe,
  owner: orNull(Type.Object({ id: Text, name: Maybe })),
  assigneeId: Maybe,
  responseDueAt: Maybe,
  lastActivityAt: Maybe,
  aggregateVersion: Whole,
  conversationVersion: Whole,
  counts: Type.Object({ messages: Whole, runs: Whole, deliveries: Whole, deliveriesFailed: Whole }),
  cost: Type.Object({ costMicros: Whole, inputTokens: Whole, outputTokens: Whole, latencyMs: Type.Number() }),
  milestones: Type.Record(Type.String(), Maybe),
};
export const StoryItem = Type.Object(story);

const Items = Type.Array(open({}));
export const StoryBody = Type.Object({
  ...story,
  steps: Type.Array(
    Type.Object({ step: Whole, title: Text, happened: Type.Boolean(), at: Maybe, artefacts: open({}) }),
  ),
  totals: Type.Object({
    runs: Whole,
    costMicros: Whole,
    inputTokens: Whole,
    outputTokens: Whole,
    latencyMs: Type.Number(),
    events: Whole,
    webhookAttempts: Whole,
    elapsedMs: Whole,
  }),
  runs: Items,
  evidence: Items,
  gate: Items,
  webhooks: Items,
  actions: Items,
  events: Type.Array(EventBody),
});

const review = {
  id: Text,
  draftId: Text,
  ticketId: Text,
  reference: Text,
  conversationVersion: Whole,
  status: Type.String({ description: "pending, decided or retired" }),
  subject: Maybe,
  customerName: Maybe,
  categoryId: Maybe,
  categoryName: Maybe,
  priority: Text,
  owner: Type.Object({ id: Text, name: Text }),
  dueBy: Text,
  requiredAt: Text,
  fingerprint: Type.String({ description: "what a decision must quote" }),
  sendable: Type.Boolean({ description: "false: there is no draft, the reasons say why" }),
  decision: orNull(
    Type.Object({ decisionId: Maybe, decision: Text, actorId: Maybe, actorName: Maybe, via: Maybe, at: Maybe }),
  ),
  appliedAt: Maybe,
  retired: orNull(Type.Object({ reason: Text, detail: Maybe, at: Maybe })),
};
export const ReviewItem = Type.Object(review);
export const ReviewBody = Type.Object({
  ...review,
  correlationId: Text,
  eventId: Text,
  required: Type.Unsafe<object>(open({})),
  submitted: Type.Array(Type.Object({ decisionId: Text, decision: Text, actorId: Text, at: Text })),
});

export const listOf = <T extends Parameters<typeof Type.Array>[0]>(item: T) =>
  Type.Object({
    items: Type.Array(item),
    nextCursor: orNull(Type.String({ description: "null: there is no more for now" })),
  });
