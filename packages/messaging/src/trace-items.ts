import {
  type Link,
  type SpanAttributes,
  activeSpan,
  errorType,
  failSpan,
  inSpan,
  setAttributes,
  startSpan,
  tracer,
} from "@opsdesk/telemetry";
import type { Bus } from "./bus.ts";
import { type Consumer, type Item, type ItemResult, identityParts } from "./item.ts";
import type { Processed } from "./processor.ts";
import { keepSpan, spanOf, takeSpan } from "./spans-by-object.ts";
import { systemOf } from "./trace-sends.ts";

/** Gives each event of a batch a span in the event's own trace, from here until its effects are written and published. */
export async function tracedItems(
  ports: { readonly service: string; readonly bus: Bus },
  consumer: Pick<Consumer, "name">,
  items: readonly Item[],
  work: () => Promise<Processed>,
): Promise<Processed> {
  const from = tracer();
  if (from === undefined) return await work();
  const batch = activeSpan();
  const links: readonly Link[] = batch === undefined ? [] : [{ context: batch.spanContext() }];
  for (const item of items)
    keepSpan(
      item,
      startSpan(from, {
        ...(item.from === "offer"
          ? { name: consumer.name, kind: "INTERNAL" }
          : { name: `process ${item.record.topic}`, kind: "CONSUMER", links }),
        parent: item.decoded.ok ? item.decoded.event.traceparent : item.record.headers["traceparent"],
        attributes: attributesOf(ports, consumer, item),
      }),
    );
  try {
    const processed = await work();
    items.forEach((item, index) => endItem(item, processed.results[index]));
    return processed;
  } catch (error) {
    for (const item of items) {
      const span = takeSpan(item);
      if (span === undefined) continue;
      setAttributes(span, { "opsdesk.outcome": "failed" });
      failSpan(span, errorType(error));
      span.end();
    }
    throw error;
  }
}

/** What is logged then names the event's trace. */
export function inItemSpan<T>(item: Item, work: () => T): T {
  const span = spanOf(item);
  return span === undefined ? work() : inSpan(span, work);
}

function endItem(item: Item, result: ItemResult | undefined): void {
  const span = takeSpan(item);
  if (span === undefined || result === undefined) return;
  setAttributes(span, { "opsdesk.outcome": result.status });
  if (result.status === "rejected") failSpan(span, result.code);
  span.end();
}

function attributesOf(
  { service, bus }: { readonly service: string; readonly bus: Bus },
  { name }: Pick<Consumer, "name">,
  item: Item,
): SpanAttributes {
  const common: SpanAttributes = {
    "opsdesk.service": service,
    "opsdesk.consumer": name,
    "opsdesk.from": item.from,
    "messaging.message.id": identityParts(item).eventId,
    ...(item.decoded.ok ? { "messaging.message.conversation_id": item.decoded.event.correlationid } : {}),
  };
  if (item.from === "offer") return common;
  return {
    ...common,
    "messaging.system": systemOf(bus),
    "messaging.operation.name": "process",
    "messaging.operation.type": "process",
    "messaging.destination.name": item.record.topic,
    "messaging.destination.partition.id": String(item.record.partition),
    "messaging.consumer.group.name": groupOf(service, name),
    "messaging.kafka.offset": item.record.offset,
  };
}

/** A handler's new generation is a group of its own. */
const groupOf = (service: string, consumer: string): string => `opsdesk.${service}${/@\d+$/.exec(consumer)?.[0] ?? ""}`;
