import { contracts, type EventType } from "./contracts.ts";
import type { EventContract, Party, TopicClass, TopicKey } from "./event.ts";

/** One topic, as creation scripts, ACLs and documentation need it. */
export interface TopicEntry<Type extends string = EventType> {
  readonly name: string;
  readonly eventType: Type;
  readonly meaning: string;
  readonly key: TopicKey;
  readonly class: TopicClass;
  /** Fixed at creation: another count would move keys to other partitions and break their order. */
  readonly partitions: number;
  readonly cleanupPolicy: "delete" | "compact";
  /** -1: kept for ever (a compacted topic keeps the newest record of each key). */
  readonly retentionMs: number;
  readonly producers: readonly Party[];
  readonly consumers: readonly Party[];
}

const FOURTEEN_DAYS_MS = 14 * 24 * 60 * 60 * 1_000;

/**
 * Tickets and enquiries carry the load: twelve divides evenly among 2, 3, 4, 6 or 12 replicas of a service.
 * Tenants, sources and endpoints are few and their events rare, so three spread them over a small cluster's brokers.
 * Dead letters come from every topic but should be rarest of all.
 */
const PARTITIONS: Readonly<Record<TopicKey, number>> = {
  ticket: 12,
  thread: 12,
  tenant: 3,
  source: 3,
  endpoint: 3,
  original: 3,
};

const RETENTION: Readonly<Record<TopicClass, Pick<TopicEntry, "cleanupPolicy" | "retentionMs">>> = {
  fact: { cleanupPolicy: "delete", retentionMs: -1 },
  state: { cleanupPolicy: "compact", retentionMs: -1 },
  command: { cleanupPolicy: "delete", retentionMs: FOURTEEN_DAYS_MS },
  operational: { cleanupPolicy: "delete", retentionMs: FOURTEEN_DAYS_MS },
};

/** The topic that a contract's events travel in. */
export const topicOf = <const Type extends string>(contract: EventContract<Type>): TopicEntry<Type> => ({
  name: contract.topic,
  eventType: contract.type,
  meaning: contract.meaning,
  key: contract.key,
  class: contract.class,
  partitions: PARTITIONS[contract.key],
  ...RETENTION[contract.class],
  producers: contract.producers,
  consumers: contract.consumers,
});

/** Every topic there is, by name. Nothing else may be created: automatic creation is off. */
export const topicCatalogue: readonly TopicEntry[] = contracts
  .map(topicOf)
  .toSorted((a, b) => (a.name < b.name ? -1 : 1));
