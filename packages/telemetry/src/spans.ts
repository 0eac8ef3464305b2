import type { AttributeName } from "./attributes.ts";

/** A kind of span: what docs/telemetry.md says of it, and what a test holds every exported span against. */
export interface SpanKindOfOurs {
  /** `{topic}`, `{queue}`, `{consumer}`, `{route}`, `{method}`, `{task}` and `{model}` stand for values. */
  readonly name: string;
  readonly kind: "SERVER" | "CLIENT" | "PRODUCER" | "CONSUMER" | "INTERNAL";
  readonly what: string;
  readonly parent: string;
  readonly always: readonly AttributeName[];
  readonly sometimes: readonly AttributeName[];
}

export const spans: readonly SpanKindOfOurs[] = [
  {
    name: "{method} {route}",
    kind: "SERVER",
    what: "A request; probes, `/metrics` and `/openapi.json` have none.",
    parent: "the caller's `traceparent`",
    always: ["http.request.method", "url.path", "url.scheme", "server.address"],
    sometimes: ["http.route", "http.response.status_code", "server.port", "error.type"],
  },
  {
    name: "{consumer}",
    kind: "INTERNAL",
    what: "A handler on an input that came by HTTP.",
    parent: "the request",
    always: [
      "opsdesk.service",
      "opsdesk.consumer",
      "opsdesk.from",
      "opsdesk.outcome",
      "messaging.message.id",
      "messaging.message.conversation_id",
    ],
    sometimes: ["error.type"],
  },
  {
    name: "send {topic}",
    kind: "PRODUCER",
    what: "One event, from its making until the bus has it. Its id is the one in the event's `traceparent`.",
    parent: "whatever made the event; of the relay, the span that made it",
    always: [
      "messaging.system",
      "messaging.operation.name",
      "messaging.operation.type",
      "messaging.destination.name",
      "messaging.message.id",
      "messaging.message.conversation_id",
    ],
    sometimes: ["opsdesk.service", "opsdesk.relayed", "error.type"],
  },
  {
    name: "poll {topic}",
    kind: "CLIENT",
    what: "One batch of a partition, from its arrival until it is done; linked to the trace of each of its events.",
    parent: "none",
    always: [
      "opsdesk.service",
      "messaging.system",
      "messaging.operation.name",
      "messaging.operation.type",
      "messaging.destination.name",
      "messaging.destination.partition.id",
      "messaging.consumer.group.name",
      "messaging.batch.message_count",
    ],
    sometimes: [],
  },
  {
    name: "process {topic}",
    kind: "CONSUMER",
    what: "One event and one handler, from decoding to commit and publication; linked to its batch. Events of a batch share its time.",
    parent: "the event's `send`",
    always: [
      "opsdesk.service",
      "opsdesk.consumer",
      "opsdesk.from",
      "opsdesk.outcome",
      "messaging.system",
      "messaging.operation.name",
      "messaging.operation.type",
      "messaging.destination.name",
      "messaging.destination.partition.id",
      "messaging.consumer.group.name",
      "messaging.kafka.offset",
      "messaging.message.id",
    ],
    sometimes: ["messaging.message.conversation_id", "error.type"],
  },
  {
    name: "commit {topic}",
    kind: "CLIENT",
    what: "The group's offset is handed to the bus, which stores it within 200 ms.",
    parent: "the batch",
    always: [
      "opsdesk.service",
      "messaging.system",
      "messaging.operation.name",
      "messaging.operation.type",
      "messaging.destination.name",
      "messaging.destination.partition.id",
      "messaging.consumer.group.name",
      "messaging.kafka.offset",
    ],
    sometimes: [],
  },
  {
    name: "{queue}",
    kind: "INTERNAL",
    what: "One run of a job, from loading to commit. A later attempt is a span of its own.",
    parent: "the event or job that sent it",
    always: [
      "opsdesk.service",
      "opsdesk.job.id",
      "opsdesk.job.attempt",
      "opsdesk.outcome",
      "messaging.message.conversation_id",
    ],
    sometimes: ["error.type"],
  },
  {
    name: "{task} {model}",
    kind: "CLIENT",
    what: "One question to a model.",
    parent: "the job",
    always: ["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model"],
    sometimes: ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "error.type"],
  },
  {
    name: "POST",
    kind: "CLIENT",
    what: "One webhook attempt. Its `traceparent` goes out with the request.",
    parent: "the job",
    always: ["http.request.method", "url.full", "server.address", "server.port"],
    sometimes: ["http.response.status_code", "http.request.resend_count", "error.type"],
  },
];
