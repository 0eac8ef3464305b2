import { type Link, type SpanAttributes, inSpan, linkTo, startSpan, traceparentOf, tracer } from "@opsdesk/telemetry";
import type { Bus, RecordBatch, SubscribeOptions } from "./bus.ts";
import { endSending, startResending, systemOf } from "./trace-sends.ts";

/** The same bus with spans for batches, commits and sends. Costs one question a batch where nothing is traced. */
export function tracedBus(bus: Bus, service: string): Bus {
  const system = systemOf(bus);
  const { inTransaction } = bus;
  return {
    system,
    ensureTopics: (topics) => bus.ensureTopics(topics),
    async send(records) {
      const others = startResending(service, records);
      try {
        await bus.send(records);
      } catch (error) {
        endSending(bus, records, others, error);
        throw error;
      }
      endSending(bus, records, others);
    },
    subscribe: (options) => bus.subscribe({ ...options, onBatch: (batch) => tracedBatch(options, batch) }),
    read: (options) => bus.read(options),
    lag: (group, topics) => bus.lag(group, topics),
    positions: (group, topics) => bus.positions(group, topics),
    close: () => bus.close(),
    ...(inTransaction === undefined
      ? {}
      : {
          inTransaction: {
            append: (records) => inTransaction.append(records),
            committed(records, rows) {
              endSending(bus, records);
              inTransaction.committed(records, rows);
            },
          },
        }),
  };

  async function tracedBatch(options: SubscribeOptions, batch: RecordBatch): Promise<void> {
    const from = tracer();
    if (from === undefined) return await options.onBatch(batch);
    const place = (name: "poll" | "commit"): SpanAttributes => ({
      "opsdesk.service": service,
      "messaging.system": system,
      "messaging.operation.name": name,
      "messaging.operation.type": name === "poll" ? "receive" : "settle",
      "messaging.destination.name": batch.topic,
      "messaging.destination.partition.id": String(batch.partition),
      "messaging.consumer.group.name": options.group,
    });
    const span = startSpan(from, {
      name: `poll ${batch.topic}`,
      kind: "CLIENT",
      parent: undefined,
      attributes: { ...place("poll"), "messaging.batch.message_count": batch.records.length },
      links: batch.records.flatMap((record): Link | [] => linkTo(record.headers["traceparent"]) ?? []),
    });
    const traced: RecordBatch = {
      topic: batch.topic,
      partition: batch.partition,
      records: batch.records,
      commit(nextOffset) {
        const committing = startSpan(from, {
          name: `commit ${batch.topic}`,
          kind: "CLIENT",
          parent: traceparentOf(span),
          attributes: { ...place("commit"), "messaging.kafka.offset": nextOffset },
        });
        batch.commit(nextOffset);
        committing.end();
      },
      heartbeat: () => batch.heartbeat(),
      isStale: () => batch.isStale(),
    };
    try {
      await inSpan(span, () => options.onBatch(traced));
    } finally {
      span.end();
    }
  }
}
