import { RejectedError, TransientError } from "@opsdesk/errors";
import { idFor } from "@opsdesk/identity";
import { type SchemaProblem, checkProduced } from "@opsdesk/schemas";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { currentTraceparent } from "@opsdesk/telemetry";
import { isoTime } from "./clock.ts";
import { publicationsOf } from "./edge.ts";
import { type PreparedEvent, seal } from "./encode.ts";
import type { MessagingCode } from "./errors.ts";
import type { Offer, OfferInput, OfferResult, Publish } from "./offer.ts";
import { Conflict, NOTHING, commit } from "./commit.ts";
import type { Consumer, Item, ItemResult } from "./item.ts";
import { type ProcessorPorts, processItems } from "./processor.ts";
import { endSending } from "./trace-sends.ts";

const BATCH_MAX = 100;

interface Waiting {
  readonly item: Item;
  readonly eventId: string;
  readonly settle: (result: OfferResult) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Handles inputs that come by HTTP with the handlers that serve topics. Those that arrive while a batch is being
 * written form the next one, so a busy endpoint costs one statement a batch and not one a request.
 */
export function offers(ports: ProcessorPorts, consumers: ReadonlyMap<string, Consumer>): Offer {
  const queues = new Map<string, Waiting[]>();
  const running = new Set<string>();

  async function drain(name: string, consumer: Consumer): Promise<void> {
    if (running.has(name)) return;
    running.add(name);
    // Requests that are parsed in this turn of the event loop join the batch.
    await new Promise((resolve) => setImmediate(resolve));
    for (
      let batch = queues.get(name)?.splice(0, BATCH_MAX) ?? [];
      batch.length > 0;
      batch = queues.get(name)?.splice(0, BATCH_MAX) ?? []
    ) {
      try {
        const { results } = await processItems(
          ports,
          consumer,
          batch.map((one) => one.item),
        );
        batch.forEach((one, index) => {
          const result = results[index];
          if (result !== undefined) one.settle(answer(one.eventId, result));
        });
      } catch (error) {
        for (const one of batch) one.fail(error);
      }
    }
    running.delete(name);
  }

  return (input) =>
    new Promise<OfferResult>((settle, fail) => {
      const consumer = consumers.get(input.handler);
      if (consumer === undefined || consumer.handler.type !== input.type) throw unknown(input);
      const problems = checkProduced(input.type, input.contractData ?? input.data);
      if (problems.length > 0) throw invalid(input.type, problems);
      const event = envelopeOf(input, isoTime(ports.clock));
      const item: Item = {
        from: "offer",
        decoded: { ok: true, event },
        record: {
          topic: "",
          key: input.key,
          partition: 0,
          offset: 0,
          headers: {},
          value: "",
          timestamp: ports.clock.now(),
        },
      };
      const queue = queues.get(input.handler) ?? [];
      queue.push({ item, eventId: event.id, settle, fail });
      queues.set(input.handler, queue);
      void drain(input.handler, consumer);
    });
}

function answer(eventId: string, result: ItemResult): OfferResult {
  switch (result.status) {
    case "done":
      return { status: "done", eventId, reply: result.reply };
    case "ignored":
      return { status: "ignored", eventId, reason: result.reason ?? "", reply: result.reply };
    case "duplicate":
      return { status: "duplicate", eventId };
    case "deferred":
      return { status: "deferred", eventId, reason: result.reason, retryAfterSeconds: result.retryAfterSeconds };
    case "rejected":
      return { status: "rejected", eventId, code: result.code, message: result.message, reply: result.reply };
  }
}

/** Its id is that of its idempotency key, as for any event, so a repeated request is a duplicate in the inbox. */
const envelopeOf = (
  input: OfferInput,
  time: string,
  traceparent = currentTraceparent() ?? input.traceparent,
): Envelope => ({
  specversion: "1.0",
  id: idFor(input.idempotencyKey),
  source: input.source,
  type: input.type,
  schemaversion: "1.0",
  ...(input.subject === undefined ? {} : { subject: input.subject }),
  time,
  datacontenttype: "application/json",
  correlationid: input.correlationId ?? idFor(`correlation:${input.idempotencyKey}`),
  idempotencykey: input.idempotencyKey,
  tenantid: input.tenant,
  ...(traceparent === undefined ? {} : { traceparent }),
  data: input.data,
});

function invalid(type: string, problems: readonly SchemaProblem[]): RejectedError<MessagingCode> {
  const told = problems.map((problem) => `${problem.path || "/"} ${problem.message}`).join("; ");
  return new RejectedError("event_invalid", `not a valid ${type}: ${told}`, { publicMessage: told });
}

function unknown(input: OfferInput): RejectedError<MessagingCode> {
  return new RejectedError("handler_unknown", `no handler ${input.handler} for ${input.type}`);
}

/**
 * Publishes what a person or a clock asked for, through the outbox. The first with an idempotency key is claimed together
 * with its event; asking again publishes nothing, since it would be the same event with another time.
 */
export function publishing(ports: ProcessorPorts): Publish {
  return async (input) => {
    const sealed = seal(ports.service, input.key, {
      type: input.type,
      data: input.data,
      subject: input.subject,
      tenant: input.tenant,
      correlationId: input.correlationId ?? idFor(`correlation:${input.idempotencyKey}`),
      causationId: input.causationId,
      traceparent: currentTraceparent() ?? input.traceparent,
      idempotencyKey: input.idempotencyKey,
      time: isoTime(ports.clock),
    });
    await commitEvent(ports, sealed);
    return sealed.envelope.id;
  };
}

/** Commits an event that comes of no other, then publishes it from memory. */
async function commitEvent(ports: ProcessorPorts, sealed: PreparedEvent): Promise<void> {
  const { id, source, tenantid } = sealed.envelope;
  const publications = publicationsOf(id, sealed, ports.edgeTenants);
  const records = publications.map((one) => one.record);
  const publishedSeqs = ports.publisher.takePublished();
  try {
    const committed = await commit(
      ports,
      {
        ...NOTHING,
        claim: {
          kind: "inbox",
          consumer: `${ports.service}.publish`,
          rows: [{ tenant: tenantid, source, eventId: id, outcome: "done", reason: null }],
        },
        publications,
      },
      publishedSeqs,
    );
    void ports.publisher.publish(records, committed.outboxSeqs);
  } catch (error) {
    ports.publisher.putBack(publishedSeqs);
    if (error instanceof TransientError) ports.publisher.hold();
    if (!(error instanceof Conflict && error.over === "claim")) throw error;
    endSending(ports.bus, records);
  }
}
