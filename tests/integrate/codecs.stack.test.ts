import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { testKafka } from "@opsdesk/servers/suites";
import { kafkaBus } from "@opsdesk/messaging/kafka-bus";
import { needKcat } from "./clients.ts";

/** Publishes with librdkafka, as most clients that are not ours do. */
const kcat = (topic: string, codec: string, lines: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = execFile(
      "kcat",
      ["-P", "-b", testKafka().brokers.join(","), "-t", topic, "-z", codec, "-X", "batch.num.messages=1000"],
      (error) => (error === null ? resolve() : reject(new Error(`kcat (Debian package kcat): ${error.message}`))),
    );
    child.stdin?.end(`${lines.join("\n")}\n`);
  });

beforeAll(needKcat, 120_000);

describe("records of outside producers", () => {
  it.each(["none", "gzip", "snappy", "lz4", "zstd"])("are read when they are compressed with %s", async (codec) => {
    const topic = `codec-${codec}-${randomUUID()}`;
    const bus = kafkaBus({
      connection: { brokers: [...testKafka().brokers] },
      name: "opsdesk.codecs",
      lingerMs: 0,
      onTrouble: () => undefined,
    });
    try {
      await bus.ensureTopics([{ name: topic, partitions: 1 }]);
      const lines = Array.from({ length: 200 }, (_, n) => `line ${n} ${"of many words that come again ".repeat(20)}`);
      await kcat(topic, codec, lines);
      const read: string[] = [];
      for await (const record of bus.read({ topic, from: { offset: 0 } })) read.push(record.value);
      expect(read).toEqual(lines);
    } finally {
      await bus.close();
    }
  });
});
