import { BugError } from "@opsdesk/errors";
import { idFor } from "@opsdesk/identity";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { BusRecord } from "./bus.ts";
import type { Decoded } from "./decode.ts";
import type { Cause } from "./encode.ts";
import type { AnyHandler } from "./handler.ts";
import type { Outcome } from "./outcome.ts";
import { traceparentFor } from "./spans-by-object.ts";

/** A handler as the inbox knows it: `<service>.<handler>[@generation]`. */
export interface Consumer {
  readonly name: string;
  readonly handler: AnyHandler;
}

/** Where an item comes from decides how it is claimed. */
export type Item =
  | {
      readonly from: "topic";
      readonly record: BusRecord;
      readonly decoded: Decoded;
      /** The clock of its decision, where that was made before and is made again. */
      readonly decidedAt?: string;
    }
  | {
      readonly from: "deferred";
      readonly record: BusRecord;
      readonly decoded: Decoded;
      readonly seq: number;
      readonly expired: boolean;
    }
  | { readonly from: "dead-letter"; readonly record: BusRecord; readonly decoded: Decoded; readonly id: string }
  | { readonly from: "offer"; readonly record: BusRecord; readonly decoded: Decoded };

export type ItemResult =
  | { readonly status: "done" | "ignored"; readonly reason?: string; readonly reply?: unknown }
  | { readonly status: "duplicate" }
  | { readonly status: "deferred"; readonly reason: string; readonly retryAfterSeconds: number }
  | { readonly status: "rejected"; readonly code: string; readonly message: string; readonly reply?: unknown };

/** How often each came of what was offered again. */
export type Outcomes = Record<ItemResult["status"], number>;

export const noOutcomes = (): Outcomes => ({ done: 0, ignored: 0, duplicate: 0, deferred: 0, rejected: 0 });

/** What has been decided about one item and is not yet written. */
export interface Decision {
  readonly item: Item;
  readonly outcome: Outcome<unknown>;
}

/** An undecodable record has no identity of its own; its place in the log is one. */
export function identityParts(item: Item): { tenant: string; source: string; eventId: string } {
  if (item.decoded.ok)
    return { tenant: item.decoded.event.tenantid, source: item.decoded.event.source, eventId: item.decoded.event.id };
  return {
    tenant: item.decoded.tenant,
    source: item.record.topic,
    eventId: `${item.record.topic}/${item.record.partition}/${item.record.offset}`,
  };
}

export const identityOf = (item: Item): string => {
  const { tenant, source, eventId } = identityParts(item);
  return `${tenant}\n${source}\n${eventId}`;
};

/** Longer keys fit no index. */
const KEY_LENGTH_MAX = 500;

/** A record's key as it is kept. */
export const storedKey = (key: string): string => (key.length > KEY_LENGTH_MAX ? idFor(`key:${key}`) : storable(key));

/** What events wait behind each other by. */
export const keyOf = (item: Item): string => storedKey(item.record.key ?? identityOf(item));

/** A text as Postgres keeps it: without NUL and halves of surrogate pairs. */
export const storable = (text: string): string => text.toWellFormed().replaceAll("\0", "\uFFFD");

export const behind = (consumer: Pick<Consumer, "name">, item: Item): string =>
  `behind:${consumer.name}:${keyOf(item)}`;

/** The clock of an item's decision. */
export const nowOf = (item: Item, now: string): string =>
  item.from === "topic" && item.decidedAt !== undefined ? item.decidedAt : now;

export function eventOf(item: Item): Envelope {
  if (!item.decoded.ok) throw new BugError("handler_failed", "an undecodable record has no event");
  return item.decoded.event;
}

export function causeOf(item: Item): Cause {
  if (item.decoded.ok) {
    const { id, type, tenantid, correlationid, traceparent } = item.decoded.event;
    const key = type === "enquiry.submitted" ? idFor(identityOf(item)) : id;
    return {
      id,
      key,
      tenant: tenantid,
      correlationId: correlationid,
      traceparent: traceparentFor(item, traceparent),
    };
  }
  const { tenant, eventId } = identityParts(item);
  return {
    id: eventId,
    key: eventId,
    tenant,
    correlationId: idFor(`correlation:${eventId}`),
    traceparent: traceparentFor(item, undefined),
  };
}
