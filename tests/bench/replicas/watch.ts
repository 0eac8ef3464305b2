import { setTimeout as sleep } from "node:timers/promises";
import type { Admin } from "kafkajs";
import type { Look } from "./pauses.ts";

/** How exactly a pause is known. */
const LOOK_EVERY_MS = 100;

/** Looks at where a group is in every partition that it has committed an offset of, until it is stopped. */
export class Watch {
  readonly #looks: Look[] = [];
  readonly #admin: Admin;
  readonly #group: string;
  readonly #watching: Promise<void>;
  #topics: readonly string[] | undefined;
  #over = false;

  constructor(admin: Admin, group: string) {
    this.#admin = admin;
    this.#group = group;
    this.#watching = this.#watch();
    // Heard of when it is stopped.
    this.#watching.catch(() => undefined);
  }

  /** The looks from a moment of `performance.now` on. */
  since(at: number): readonly Look[] {
    return this.#looks.filter((look) => look.at >= at);
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#watching;
  }

  async #watch(): Promise<void> {
    while (!this.#over) {
      // Ends first: what comes in between is then finished rather than work that nobody does.
      const ends = await this.#ends();
      const committed = await this.#admin.fetchOffsets({ groupId: this.#group });
      this.#looks.push({
        at: performance.now(),
        positions: committed.flatMap(({ topic, partitions }) =>
          partitions.flatMap(({ offset, partition }) =>
            // Without an offset the group has never read it.
            Number(offset) < 0
              ? []
              : [
                  {
                    partition: `${topic}/${partition}`,
                    committed: Number(offset),
                    high: ends.get(`${topic}/${partition}`) ?? Number(offset),
                  },
                ],
          ),
        ),
      });
      await sleep(LOOK_EVERY_MS);
    }
  }

  async #ends(): Promise<ReadonlyMap<string, number>> {
    const topics = (this.#topics ??= (await this.#admin.fetchOffsets({ groupId: this.#group })).map(
      ({ topic }) => topic,
    ));
    const ends = new Map<string, number>();
    await Promise.all(
      topics.map(async (topic) => {
        for (const { high, partition } of await this.#admin.fetchTopicOffsets(topic))
          ends.set(`${topic}/${partition}`, Number(high));
      }),
    );
    return ends;
  }
}
