import { connect } from "node:net";
import { testKafka } from "@opsdesk/servers/suites";
import { type ISocketFactory, Kafka, logLevel } from "kafkajs";
import type { BusRecord } from "./bus.ts";
import { kafkaBus } from "./kafka-bus.ts";
import { KafkaProducer } from "./kafka-producer.ts";

const { brokers, prefix } = testKafka();
const topic = (name: string): string => `${prefix}.${name}`;
const bus = kafkaBus({
  connection: { brokers: [...brokers] },
  name: "opsdesk.producer",
  lingerMs: 0,
  onTrouble: () => undefined,
});
beforeAll(() =>
  bus.ensureTopics([
    { name: topic("lost"), partitions: 1 },
    { name: topic("large"), partitions: 1 },
    { name: topic("keys"), partitions: 12 },
  ]),
);
afterAll(() => bus.close());

async function stored(name: string): Promise<BusRecord[]> {
  const records: BusRecord[] = [];
  for await (const record of bus.read({ topic: topic(name), from: { offset: 0 } })) records.push(record);
  return records;
}

const PRODUCE = 0;

/** Connections of which the first that asks to store records breaks when the broker's answer arrives. */
function losingOneAnswer(): { readonly lost: () => number; readonly socketFactory: ISocketFactory } {
  let lost = 0;
  return {
    lost: () => lost,
    socketFactory: ({ host, port, onConnect }) => {
      const socket = connect({ host, port }, onConnect);
      // Whichever of their forms is called, it is called with the same.
      const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
      const emit = socket.emit.bind(socket) as (...args: unknown[]) => boolean;
      let asked = false;
      return Object.assign(socket, {
        write(...args: unknown[]) {
          const [request] = args;
          // A request is its length in four bytes, then what it asks for in two.
          asked ||= lost === 0 && Buffer.isBuffer(request) && request.readInt16BE(4) === PRODUCE;
          return write(...args);
        },
        emit(...args: unknown[]) {
          if (args[0] !== "data" || !asked) return emit(...args);
          asked = false;
          lost += 1;
          socket.destroy(new Error("the connection broke"));
          return true;
        },
      });
    },
  };
}

describe("the producer of the Kafka bus, on a broker", () => {
  it("stores records once whose acknowledgement is lost", async () => {
    const { lost, socketFactory } = losingOneAnswer();
    const producer = new KafkaProducer(
      new Kafka({ brokers: [...brokers], socketFactory, logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50 } }),
    );
    await producer.send(["1", "2", "3"].map((value) => ({ topic: topic("lost"), key: "k", headers: {}, value })));
    await producer.close();
    expect(lost()).toBe(1);
    expect((await stored("lost")).map((record) => record.value)).toEqual(["1", "2", "3"]);
  });

  it("sends more of one partition than a broker takes as one batch", async () => {
    const values = Array.from({ length: 500 }, (_, n) => `${n} `.padEnd(2_500, "x"));
    await bus.send(values.map((value) => ({ topic: topic("large"), key: "k", headers: {}, value })));
    expect((await stored("large")).map((record) => record.value)).toEqual(values);
  });

  it("puts keys where the Java client and librdkafka put them", async () => {
    // Hashes from the tests of Kafka's own client.
    const hashes = new Map([
      ["21", -973_932_308],
      ["foobar", -790_332_482],
      ["a-little-bit-long-string", -985_981_536],
      ["a-little-bit-longer-string", -1_486_304_829],
      ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971],
      ["abc", 479_470_107],
    ]);
    await bus.send([...hashes.keys()].map((key) => ({ topic: topic("keys"), key, headers: {}, value: key })));
    const places = new Map((await stored("keys")).map((record) => [record.key, record.partition]));
    expect(places).toEqual(new Map([...hashes].map(([key, hash]) => [key, (hash & 0x7fffffff) % 12])));
  });
});
