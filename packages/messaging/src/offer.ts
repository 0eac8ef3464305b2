import type { EventType } from "@opsdesk/schemas";

/** An input that came by HTTP and is handled at once, by one of the service's own handlers. */
export interface OfferInput {
  /** The handler's name: `on-enquiry-submitted`. */
  readonly handler: string;
  readonly type: EventType;
  readonly tenant: string;
  /** Who is asking: becomes the envelope's source. */
  readonly source: string;
  readonly data: unknown;
  /** Held against the contract instead of `data`, where that is larger than a record may be: an offer is no record. */
  readonly contractData?: unknown;
  /** Equal keys are one input: the second is answered `duplicate`. */
  readonly idempotencyKey: string;
  readonly key: string;
  readonly subject?: string;
  readonly correlationId?: string;
  readonly traceparent?: string;
}

/** What became of it, after commit. A refusal wrote nothing: whoever asked has been told. */
export type OfferResult =
  | { readonly status: "done"; readonly eventId: string; readonly reply: unknown }
  | { readonly status: "duplicate"; readonly eventId: string }
  | { readonly status: "ignored"; readonly eventId: string; readonly reason: string; readonly reply: unknown }
  | {
      readonly status: "deferred";
      readonly eventId: string;
      readonly reason: string;
      readonly retryAfterSeconds: number;
    }
  | {
      readonly status: "rejected";
      readonly eventId: string;
      readonly code: string;
      readonly message: string;
      readonly reply: unknown;
    };

export type Offer = (input: OfferInput) => Promise<OfferResult>;

/** An event that a service publishes because a person or a clock asked, not an event. */
export interface PublishInput {
  readonly type: EventType;
  readonly tenant: string;
  readonly data: unknown;
  readonly idempotencyKey: string;
  readonly key: string;
  readonly subject?: string;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly traceparent?: string;
}

/**
 * Publishes safely (through the outbox) and answers with the event's id. Of equal idempotency keys only the first is
 * published.
 */
export type Publish = (input: PublishInput) => Promise<string>;
