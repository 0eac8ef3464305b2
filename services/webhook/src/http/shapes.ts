import Type, { type TSchema } from "typebox";
import { OverlapSeconds, REPLAY, UPDATE, endpointFields } from "../handlers/command-arguments.ts";

const Id = Type.String({ minLength: 1, maxLength: 200 });
const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Text = Nullable(Type.String());
const closed = { additionalProperties: false };

export const WriteHeaders = Type.Object({ "idempotency-key": Type.String({ minLength: 1, maxLength: 200 }) });
export const IdParams = Type.Object({ id: Id });

const { teamId, ...required } = endpointFields;
export const CreateBody = Type.Object({ ...required, teamId: Type.Optional(teamId) }, closed);
export const UpdateBody = Type.Object(UPDATE, { ...closed, minProperties: 1 });
export const RotateBody = Type.Object({ overlapSeconds: Type.Optional(OverlapSeconds) }, closed);
export const ReplayBody = Type.Object(REPLAY, { ...closed, minProperties: 1 });

export const EndpointAnswer = Type.Object({
  endpointId: Type.String(),
  name: Type.String(),
  url: Type.String(),
  ownerId: Type.String(),
  contact: Type.String(),
  teamId: Text,
  events: Type.Array(Type.String()),
  origin: Type.String({ description: "desk (declared in the desk pack) or http" }),
  status: Type.String({ description: "enabled or disabled" }),
  disabledReason: Nullable(Type.String({ description: "secret_missing, operator, gone or failing" })),
  disabledDetail: Text,
  failingSince: Text,
  slowUntil: Text,
  sequence: Type.Integer({ description: "of the newest delivery" }),
  createdAt: Type.String(),
  updatedAt: Type.String(),
});
export const EndpointList = Type.Object({ items: Type.Array(EndpointAnswer), nextCursor: Text });
const Shown = {
  secret: Nullable(Type.String({ description: "shown once; null when this request was answered before" })),
};
export const CreatedAnswer = Type.Object({ ...EndpointAnswer.properties, ...Shown });
export const RotatedAnswer = Type.Object({ endpointId: Type.String(), overlapEndsAt: Text, ...Shown });
export const TestAnswer = Type.Object({ deliveryId: Type.String() });
export const DeletedAnswer = Type.Object({ endpointId: Type.String() });
export const ReplayAnswer = Type.Object({
  replayed: Type.Integer(),
  deliveryIds: Type.Array(Type.String(), { description: "the first hundred" }),
  lastSequence: Nullable(Type.Integer({ description: "ask again with `afterSequence` for more" })),
});

export const PageQuery = Type.Object({
  cursor: Type.Optional(Type.String({ maxLength: 300 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
});
export const DeliveryQuery = Type.Object({
  ...PageQuery.properties,
  endpointId: Type.Optional(Id),
  ticketId: Type.Optional(Id),
  eventType: Type.Optional(Id),
  state: Type.Optional(Type.Enum(["due", "waiting", "delivered", "failed", "held"])),
  since: REPLAY.since,
  until: REPLAY.until,
  afterSequence: Type.Optional(
    Type.Integer({ minimum: 0, description: "with endpointId: what was numbered after it, oldest first" }),
  ),
});
const DeliveryAnswer = Type.Object({
  deliveryId: Type.String(),
  endpointId: Type.String(),
  eventId: Type.String(),
  eventType: Type.String(),
  ticketId: Text,
  reference: Text,
  correlationId: Type.String(),
  sequence: Type.Integer(),
  previousId: Text,
  state: Type.String({
    description: "due, waiting (for its predecessor), delivered, failed, or held (its endpoint was disabled)",
  }),
  attempts: Type.Integer(),
  lastStatus: Nullable(Type.Integer()),
  lastCode: Text,
  nextAttemptAt: Text,
  finishedAt: Text,
  createdAt: Type.String(),
});
export const DeliveryList = Type.Object({ items: Type.Array(DeliveryAnswer), nextCursor: Text });
export const DeliveryDetail = Type.Object({
  ...DeliveryAnswer.properties,
  body: Type.String({ description: "what is sent, byte for byte" }),
  chain: Type.Enum(["holds", "broken"], { description: "whether the attempts are all there and unchanged" }),
  attemptLog: Type.Array(
    Type.Object({
      attempt: Type.Integer(),
      startedAt: Type.String(),
      latencyMs: Type.Integer(),
      code: Type.String({ description: "delivered, or why not" }),
      message: Type.String(),
      status: Nullable(Type.Integer()),
      requestHeaders: Type.String(),
      responseHeaders: Type.String(),
      responseBody: Type.String(),
      responseTruncated: Type.Boolean(),
      hash: Type.String(),
      previousHash: Text,
    }),
  ),
});

export const DecisionBody = Type.Object(
  {
    token: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    decision: Type.Enum(["approve", "edit", "reject", "take_over"]),
    fingerprint: Type.Optional(Type.String({ pattern: "^[0-9a-f]{64}$" })),
    text: Type.Optional(Type.String({ minLength: 1, maxLength: 16_384 })),
    note: Type.Optional(Type.String({ maxLength: 2_000 })),
  },
  closed,
);
export const DecisionQuery = Type.Object({ token: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })) });
export const DecisionAnswer = Type.Object({ decisionId: Type.String(), status: Type.Literal("submitted") });
