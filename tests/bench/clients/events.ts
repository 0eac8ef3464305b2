import type { KafkaClientConsumer } from "@opsdesk/messaging/kafka-client";

/** What a subscription listens to, in kafkajs's names. */
const NAMES = { GROUP_JOIN: "join", REBALANCING: "rebalancing", FETCH: "fetch", CRASH: "crash" } as const;

export class ConsumerEvents {
  readonly #listeners = new Map<string, ((event: { payload: unknown }) => void)[]>();

  /** The two members of a consumer that listeners use. kafkajs types each event; here there are four. */
  readonly members = {
    events: NAMES,
    on: (name: string, listener: (event: { payload: unknown }) => void) => {
      this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
    },
  } as unknown as Pick<KafkaClientConsumer, "events" | "on">;

  emit(name: keyof typeof NAMES, payload: unknown = {}): void {
    for (const listener of this.#listeners.get(NAMES[name]) ?? []) listener({ payload });
  }
}
