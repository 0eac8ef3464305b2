import { jest } from "@jest/globals";
import type { Kafka } from "kafkajs";
import { KafkaProducer } from "./kafka-producer.ts";

const record = { topic: "a", key: "k", headers: {}, value: "v" };
const never = new Promise<never>(() => undefined);

/** Stands for kafkajs: each producer that is asked for behaves as the next of these. */
function kafkaOf(...producers: readonly { sendBatch: () => Promise<unknown>; disconnect?: () => Promise<void> }[]) {
  const waiting = [...producers];
  const producer = () => ({ connect: async () => undefined, disconnect: async () => undefined, ...waiting.shift() });
  // Of all that a client offers, the producer is what is asked for here.
  return { kafka: { producer } as unknown as Kafka, unused: () => waiting.length };
}

describe("the producer of the Kafka bus", () => {
  afterEach(() => void jest.useRealTimers());

  it("gives up a send that hangs after 20 s, and sends the next with another producer", async () => {
    jest.useFakeTimers();
    const { kafka, unused } = kafkaOf(
      { sendBatch: () => never, disconnect: () => never },
      { sendBatch: async () => undefined },
    );
    const producer = new KafkaProducer(kafka);
    let end: unknown;
    void producer.send([record]).then(
      () => (end = "sent"),
      (error: unknown) => (end = error),
    );
    await jest.advanceTimersByTimeAsync(19_000);
    expect(end).toBeUndefined();
    // The deadline itself, and what is left to a producer that does not disconnect either.
    await jest.advanceTimersByTimeAsync(5_000);
    expect(end).toMatchObject({ code: "bus_unavailable" });
    let next = false;
    void producer.send([record]).then(() => (next = true));
    await jest.advanceTimersByTimeAsync(1_000);
    expect([next, unused()]).toEqual([true, 0]);
  });

  it("has one request on its way at a time, in the order of the calls", async () => {
    let onTheWay = 0;
    let most = 0;
    let sent = 0;
    const { kafka } = kafkaOf({
      async sendBatch() {
        most = Math.max(most, (onTheWay += 1));
        await new Promise((resolve) => setTimeout(resolve, 5));
        onTheWay -= 1;
        sent += 1;
      },
    });
    const producer = new KafkaProducer(kafka);
    const order: number[] = [];
    await Promise.all([1, 2, 3, 4].map((n) => producer.send([record]).then(() => order.push(n))));
    expect([most, sent, order]).toEqual([1, 4, [1, 2, 3, 4]]);
  });
});
