import type { Transaction } from "@opsdesk/database";

/** A job to be kept. The same id twice is one job. */
export interface JobToInsert {
  readonly id: string;
  readonly queue: string;
  readonly data: unknown;
  /** From when any runner may fetch it. */
  readonly startAfterSeconds: number;
  /**
   * Its sender runs it from memory straight after commit; `startAfterSeconds` is then only the crash timer,
   * and a lone runner that starts again need not wait for it.
   */
  readonly fromMemory: boolean;
}

export interface FetchedJob {
  readonly id: string;
  readonly queue: string;
  readonly data: unknown;
}

export interface QueueDeclaration {
  readonly name: string;
  /** How long a fetched job may stay unfinished before another runner may fetch it. */
  readonly expireSeconds: number;
}

export interface QueueCounts {
  readonly queue: string;
  readonly waiting: number;
  readonly active: number;
}

/**
 * The jobs port: durable work inside one service.
 *
 * A job is inserted in the transaction of whatever asked for it and completed in the transaction of its effects.
 * Nothing here gives exclusivity: two runners may hold one job, and the one whose `complete` counts it commits.
 */
export interface Jobs {
  start(queues: readonly QueueDeclaration[]): Promise<void>;
  insert(tx: Transaction, jobs: readonly JobToInsert[]): Promise<void>;
  /** Finishes jobs whether fetched or run from memory; answers how many were not yet finished. */
  complete(tx: Transaction, queue: string, ids: readonly string[]): Promise<number>;
  /** Takes jobs that are due, for `expireSeconds`. */
  fetch(queue: string, limit: number): Promise<readonly FetchedJob[]>;
  /** Says that no other runner lives: what was fetched or run from memory and not finished is due now. */
  recover(): Promise<void>;
  /** How many could be fetched now, or have been and are not finished. */
  due(): Promise<number>;
  /** Makes waiting jobs due now that these events caused. */
  hasten(causationIds: readonly string[]): Promise<void>;
  counts(): Promise<readonly QueueCounts[]>;
  stop(): Promise<void>;
}
