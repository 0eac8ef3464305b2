export { type EventType, contractOf, contractOfTopic, contracts } from "./contracts.ts";
export { Envelope, RECORD_BYTES_MAX } from "./envelope.ts";
export type { DataOf, EventContract, Party, Service, TopicClass, TopicKey } from "./event.ts";
export { type SchemaProblem, checkConsumed, checkEnvelope, checker, checkProduced, tolerant } from "./reader.ts";
