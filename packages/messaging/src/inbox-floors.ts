import { type Database, identifier, sql } from "@opsdesk/database";
import type { BusRecord } from "./bus.ts";

interface Floor {
  readonly offset: number;
  /** When the log ended there, in milliseconds since the epoch. */
  readonly markedAt: number;
}

/** Clocks of producers, of brokers and of Postgres differ, by less than this. */
const SKEW_MS = 24 * 3_600_000;

/**
 * Below which offset a consumer has handled all that a partition held, longer ago than claims are kept. What comes from
 * there once more was claimed, though the inbox has forgotten it.
 */
export class InboxFloors {
  #floors: ReadonlyMap<string, Floor> = new Map();
  #earliest: ReadonlyMap<string, number> = new Map();

  async load(database: Database, schema: string): Promise<void> {
    const rows = await database.query<{
      consumer: string;
      topic: string;
      partition: number;
      offset: number;
      marked_at: Date;
    }>(sql`select consumer, topic, "partition", "offset", marked_at from ${identifier(schema)}.inbox_floors`);
    const earliest = new Map<string, number>();
    for (const { consumer, marked_at: at } of rows)
      earliest.set(consumer, Math.min(earliest.get(consumer) ?? Number.POSITIVE_INFINITY, at.getTime()));
    this.#floors = new Map(
      rows.map((row) => [
        placeOf(row.consumer, row.topic, row.partition),
        { offset: row.offset, markedAt: row.marked_at.getTime() },
      ]),
    );
    this.#earliest = earliest;
  }

  /**
   * Whether a record was claimed so long ago that its claim may be gone. A topic that was made anew has low offsets too,
   * but no old records.
   */
  covers(consumer: string, { offset, partition, timestamp, topic }: BusRecord): boolean {
    const floor = this.#floors.get(placeOf(consumer, topic, partition));
    return floor !== undefined && offset < floor.offset && timestamp < floor.markedAt + SKEW_MS;
  }

  /** The same of an input that came by HTTP, of which the log has only a copy. */
  coversInput(consumer: string, keptAt: number): boolean {
    const earliest = this.#earliest.get(consumer);
    return earliest !== undefined && keptAt < earliest + SKEW_MS;
  }
}

const placeOf = (consumer: string, topic: string, partition: number): string => `${consumer}\n${topic}/${partition}`;
