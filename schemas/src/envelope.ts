import Type, { type Static } from "typebox";
import { Id, Time } from "./common.ts";

/**
 * CloudEvents 1.0, structured JSON, with our extension attributes.
 *
 * `id` is `uuidv5(idempotencykey)` for our own events, so a retried producer makes the same id.
 * `correlationid` is one per enquiry, unchanged to the last webhook; `causationid` is the event that led to this one.
 */
export const Envelope = Type.Object(
  {
    specversion: Type.Literal("1.0"),
    id: Id,
    source: Type.String({ minLength: 1, maxLength: 300 }),
    type: Id,
    schemaversion: Type.String({ pattern: "^\\d+\\.\\d+$" }),
    subject: Type.Optional(Type.String({ maxLength: 300 })),
    time: Time,
    datacontenttype: Type.Literal("application/json"),
    correlationid: Id,
    causationid: Type.Optional(Id),
    idempotencykey: Type.String({ minLength: 1, maxLength: 1_000 }),
    tenantid: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,62}(~eval)?$" }),
    traceparent: Type.Optional(Type.String({ pattern: "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$" })),
    data: Type.Unknown(),
  },
  { additionalProperties: true },
);

export type Envelope<Data = unknown> = Omit<Static<typeof Envelope>, "data"> & { readonly data: Data };

/** The largest record that is published or read, in bytes of its JSON. */
export const RECORD_BYTES_MAX = 262_144;
