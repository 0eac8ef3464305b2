import type { Sql } from "@opsdesk/database";

/**
 * The bus port: an ordered, partitioned, replayable log of records by topic.
 *
 * Words: a *record* has a topic, a key and a value. Records of one key go to one *partition* and keep their order
 * there; an *offset* is a record's place in its partition. A *group* is a set of consumers that share a topic's
 * partitions; its *committed* offset is where it goes on after a crash, so whatever lies behind it may come again.
 */
export interface OutgoingRecord {
  readonly topic: string;
  /** Null: any partition, order not promised. */
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string;
}

export interface BusRecord extends OutgoingRecord {
  readonly partition: number;
  readonly offset: number;
  /** When the bus took it, in milliseconds since the epoch. */
  readonly timestamp: number;
}

/** Records of one partition, in order. */
export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly BusRecord[];
  /** The group has everything below this offset behind it. Sent to the bus within 200 ms, not at once. */
  commit(nextOffset: number): void;
  /** Tells the bus that a long batch is still being worked on. */
  heartbeat(): Promise<void>;
  /** The partition has been given to another consumer meanwhile: go on only where repeating is harmless. */
  isStale(): boolean;
}

export interface SubscribeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** Where a group begins that has never committed. */
  readonly from: "earliest" | "latest";
  readonly recordsMax: number;
  /**
   * How long a record may wait for others, in milliseconds, where nobody waits for what is made of it: everyone then
   * works in larger and fewer pieces. A bus may take less time. Absent: none waits.
   */
  readonly patienceMs?: number;
  /** Called with one batch a partition at a time. Must not throw: a throw stops the subscription and is reported. */
  onBatch(batch: RecordBatch): Promise<void>;
  onStopped(error: unknown): void;
}

export interface Subscription {
  /** Stops fetching, waits for the batches in work, commits, leaves the group. */
  stop(): Promise<void>;
  /** Milliseconds since the epoch of the last turn of the slowest loop, empty turns included. */
  beatAt(): number;
  /** Whether every partition is consumed up to the end that was seen last. */
  caughtUp(): Promise<boolean>;
}

/** How far a group has come in one partition, and how far the partition goes: both are the next offset. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly committed: number;
  readonly end: number;
}

export interface TopicDeclaration {
  readonly name: string;
  readonly partitions: number;
}

export interface ReadOptions {
  readonly topic: string;
  /** An offset in every partition, or a time in milliseconds since the epoch. Inclusive. */
  readonly from: { readonly offset: number } | { readonly time: number };
}

export interface Bus {
  /** What telemetry calls it; absent: a Kafka broker. */
  readonly system?: string;
  /** Declares topics; those that exist keep their partition count, which is fixed at creation. */
  ensureTopics(topics: readonly TopicDeclaration[]): Promise<void>;
  /** Resolves when every record is safely stored; throws TransientError `bus_unavailable` when that is not certain. */
  send(records: readonly OutgoingRecord[]): Promise<void>;
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** Reads a topic up to its present end, outside any group. */
  read(options: ReadOptions): AsyncIterable<BusRecord>;
  /** Records not yet consumed by a group, and the age of the oldest in milliseconds, by topic. */
  lag(group: string, topics: readonly string[]): Promise<ReadonlyMap<string, { records: number; oldestMs: number }>>;
  /** Of every partition. A group that has committed nothing yet stands at the oldest record that is left. */
  positions(group: string, topics: readonly string[]): Promise<readonly Position[]>;
  close(): Promise<void>;
  /** Present when the bus lives in the service's own database: publishing is then part of its transaction. */
  readonly inTransaction?: TransactionalPublisher;
}

export interface TransactionalPublisher {
  /** A CTE body that appends the records, answering (topic, partition, base, n) a row. */
  append(records: readonly OutgoingRecord[]): Sql;
  /** To be called with those rows after commit: wakes the consumers. */
  committed(records: readonly OutgoingRecord[], rows: readonly AppendedRow[]): void;
}

export interface AppendedRow {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the first appended record of this partition. */
  readonly base: number;
}
