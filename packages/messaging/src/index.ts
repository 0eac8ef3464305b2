export type {
  AppendedRow,
  Bus,
  BusRecord,
  OutgoingRecord,
  ReadOptions,
  RecordBatch,
  SubscribeOptions,
  Subscription,
  TopicDeclaration,
  TransactionalPublisher,
} from "./bus.ts";
export { type Clock, isoTime, systemClock } from "./clock.ts";
export {
  type AnyHandler,
  type DecisionContext,
  type EventOf,
  type Guard,
  type Handler,
  type Save,
  handler,
  lastBy,
} from "./handler.ts";
export { type AnyJobStep, type Job, type JobContext, type JobStep, type RetryPolicy, job } from "./job.ts";
export type { Offer, OfferInput, OfferResult, Publish, PublishInput } from "./offer.ts";
export {
  type Effects,
  type NewEvent,
  type NewJob,
  type Outcome,
  type Waiting,
  defer,
  done,
  ignore,
  reject,
} from "./outcome.ts";
export { edgeTenantsFrom, edgeTenantsOf } from "./edge.ts";
export type { DeadLetter, DeadLetterFilter, DeadLetters } from "./dead-letters.ts";
export type { Projection, RebuildReport } from "./projection.ts";
export type { RecoverReport } from "./recover.ts";
export { messagingMigration, operationsMigration, retentionMigration } from "./migration.ts";
export { type Observer, silentObserver } from "./observer.ts";
export type { ReplayOptions, ReplayReport } from "./replay.ts";
export { type Runtime, type RuntimeOptions, createRuntime } from "./runtime.ts";
