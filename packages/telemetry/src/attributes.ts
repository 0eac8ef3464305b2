/**
 * Every attribute that a span of ours may carry, and what it means. Names with a dot that are not `opsdesk.*` are those
 * of the semantic conventions, version 1.44. None ever holds what a person wrote, an address, a key or a secret.
 */
export const attributes = {
  "error.type": "The code of what went wrong, or the HTTP status. Absent: nothing did.",
  "gen_ai.operation.name": "What a model was asked for: `triage` or `draft`.",
  "gen_ai.provider.name": "Who answers for the model.",
  "gen_ai.request.model": "The model that was asked.",
  "gen_ai.usage.input_tokens": "Tokens that it read.",
  "gen_ai.usage.output_tokens": "Tokens that it wrote.",
  "http.request.method": "",
  "http.request.resend_count": "How many attempts there were before this one.",
  "http.response.status_code": "",
  "http.route": "The route's template.",
  "messaging.batch.message_count": "Records of the batch.",
  "messaging.consumer.group.name": "`opsdesk.<service>`.",
  "messaging.destination.name": "The topic.",
  "messaging.destination.partition.id": "",
  "messaging.kafka.offset": "Offset of the record; of a commit, where the group goes on.",
  "messaging.message.conversation_id": "The correlation id: one per enquiry, to the last webhook.",
  "messaging.message.id": "The event's id.",
  "messaging.operation.name": "`send`, `poll`, `process` or `commit`.",
  "messaging.operation.type": "`send`, `receive`, `process` or `settle`.",
  "messaging.system": "`kafka`, `opsdesk_log` (the log in Postgres) or `opsdesk_memory`.",
  "opsdesk.consumer": "The handler as the inbox knows it: `<service>.<handler>`.",
  "opsdesk.from": "Where an event was taken from: `topic`, `deferred`, `dead-letter` or `offer` (HTTP).",
  "opsdesk.job.attempt": "How often the job was tried before.",
  "opsdesk.job.id": "",
  "opsdesk.outcome":
    "What became of an event or a job: `done`, `ignored`, `deferred`, `duplicate`, `rejected`, `retried` and so on.",
  "opsdesk.relayed": "Published by the relay: after a crash, or when the bus was out.",
  "opsdesk.service": "The service, also where several share a process.",
  "server.address": "",
  "server.port": "",
  "url.full": "Origin only: paths and queries of endpoints hold tokens.",
  "url.path": "The route's template, since a path holds ids that people chose.",
  "url.scheme": "",
} as const satisfies Record<string, string>;

export type AttributeName = keyof typeof attributes;
export type SpanAttributes = { readonly [Name in AttributeName]?: string | number | boolean };
