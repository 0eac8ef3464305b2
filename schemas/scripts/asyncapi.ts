import type { TopicEntry } from "../src/index.ts";
import type { EventSchema } from "./json-schema.ts";

const HEADERS = {
  type: "object",
  description: "Repeated from the envelope, so that routing never parses the body.",
  required: ["ce_id", "ce_type", "ce_correlationid"],
  properties: {
    ce_id: { type: "string", description: "the event's id" },
    ce_type: { type: "string", description: "the event's type" },
    ce_correlationid: { type: "string", description: "one per enquiry, unchanged to the last webhook" },
    traceparent: { type: "string", description: "W3C trace context of the producing span" },
  },
};

const KEYS: Readonly<Record<TopicEntry["key"], string>> = {
  ticket: "the ticket id",
  thread: "<tenant>:<thread or external id>; without a key no order is promised",
  tenant: "the tenant id",
  source: "the knowledge source id",
  endpoint: "the endpoint id",
  original: "the key of the record that was parked",
};

const channelOf = (topic: TopicEntry) => ({
  address: topic.name,
  title: topic.eventType,
  description: topic.meaning,
  messages: { [topic.eventType]: { $ref: `#/components/messages/${topic.eventType}` } },
  bindings: {
    kafka: {
      topic: topic.name,
      partitions: topic.partitions,
      topicConfiguration: { "cleanup.policy": [topic.cleanupPolicy], "retention.ms": topic.retentionMs },
      bindingVersion: "0.5.0",
    },
  },
  "x-key": topic.key,
  "x-class": topic.class,
  "x-retention-ms": topic.retentionMs,
});

const messageOf = (topic: TopicEntry, payload: object) => ({
  name: topic.eventType,
  title: topic.eventType,
  summary: topic.meaning,
  contentType: "application/cloudevents+json",
  correlationId: { location: "$message.header#/ce_correlationid" },
  headers: { $ref: "#/components/schemas/record-headers" },
  payload,
  bindings: { kafka: { key: { type: "string", description: KEYS[topic.key] }, bindingVersion: "0.5.0" } },
});

const operationOf = (topic: TopicEntry, action: "send" | "receive", party: string) => ({
  action,
  channel: { $ref: `#/channels/${topic.name}` },
  messages: [{ $ref: `#/channels/${topic.name}/messages/${topic.eventType}` }],
  tags: [{ name: party }],
});

const operationsOf = (topic: TopicEntry) => [
  ...topic.producers.map((party) => [`${party}.send.${topic.eventType}`, operationOf(topic, "send", party)] as const),
  ...topic.consumers.map(
    (party) => [`${party}.receive.${topic.eventType}`, operationOf(topic, "receive", party)] as const,
  ),
];

/** AsyncAPI has one id and dialect for a whole document, so a payload carries neither of its own. */
function payloadOf({ $schema: _dialect, $id: _id, ...payload }: EventSchema) {
  return payload;
}

/** Every topic, message and operation as one AsyncAPI 3.0 document. */
export const asyncapi = (topics: readonly TopicEntry[], schemas: readonly EventSchema[]) => ({
  asyncapi: "3.0.0",
  info: {
    title: "OpsDesk events",
    version: "1.0.0",
    description:
      "The events of an AI service desk: CloudEvents 1.0, structured JSON, one topic per event type and major version.",
    license: { name: "Apache-2.0" },
  },
  defaultContentType: "application/cloudevents+json",
  channels: Object.fromEntries(topics.map((topic) => [topic.name, channelOf(topic)])),
  operations: Object.fromEntries(topics.flatMap(operationsOf)),
  components: {
    schemas: { "record-headers": HEADERS },
    messages: Object.fromEntries(
      topics.flatMap((topic) =>
        schemas
          .filter((schema) => schema.title === topic.eventType)
          .map((schema) => [topic.eventType, messageOf(topic, payloadOf(schema))]),
      ),
    ),
  },
});
