export { type TopicEntry, topicCatalogue, topicOf } from "./catalogue.ts";
export { type EventType, contractOf, contractOfTopic, contracts } from "./contracts.ts";
export {
  type Edge,
  EDGE_TENANT,
  type EdgeDirection,
  type EdgeTopic,
  type OutsideParty,
  edgeCopyTopic,
  edgeOf,
  edgeTopicsOf,
  isOutside,
  topicsOfService,
  topicsToConsume,
} from "./edge.ts";
export { Envelope, RECORD_BYTES_MAX } from "./envelope.ts";
export type { DataOf, EventContract, Party, Service, TopicClass, TopicKey } from "./event.ts";
export type { SchemaProblem } from "./problems.ts";
export { checkConsumed, checkEnvelope, checker, checkProduced } from "./reader.ts";
export { tolerant } from "./tolerant.ts";
