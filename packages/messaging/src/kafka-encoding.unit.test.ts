import { createRequire } from "node:module";

// What our patch changes is no part of what kafkajs offers to importers.
const inside = createRequire(createRequire(import.meta.url).resolve("kafkajs"));

interface Encoded {
  readonly buf: Buffer;
  readonly buffer: Buffer;
  /** The same as `buffer`, as it goes into the socket. */
  pieces(): readonly Buffer[];
  size(): number;
}
interface Content {
  readonly key: string | null;
  readonly value: string | null;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly offsetDelta?: number;
  readonly timestampDelta?: number;
}
const crc32c = inside("./src/protocol/recordBatch/crc32C") as (bytes: Buffer) => number;
const record = inside("./src/protocol/recordBatch/record/v0") as (content: Content) => Encoded;
const { RecordBatch } = inside("./src/protocol/recordBatch/v0") as {
  RecordBatch: (batch: object) => Promise<Encoded>;
};
const decoded = inside("./src/protocol/recordBatch/v0/decoder") as (
  decoder: object,
) => Promise<{ records: readonly Read[] }>;
const Encoder = inside("./src/protocol/encoder") as new () => Encoded & {
  writeInt32(value: number): InstanceType<typeof Encoder>;
  writeArray(value: readonly Encoded[]): InstanceType<typeof Encoder>;
};
const Decoder = inside("./src/protocol/decoder") as new (bytes: Buffer) => object;
const request = inside("./src/protocol/request") as (request: object) => Promise<Encoded>;
const grouped = inside("./src/producer/groupMessagesPerPartition") as (messages: object) => unknown;

interface Read {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | readonly Buffer[]>>;
  readonly offset: string;
  readonly timestamp: string;
}

/** As the checksum is defined: a bit at a time. */
function crc32cByBits(bytes: Buffer): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1;
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}

const FIRST_OFFSET = 7_000_000_000;
const FIRST_TIMESTAMP = 1_700_000_000_000;

async function batchOf(contents: readonly Content[]): Promise<Encoded> {
  return await RecordBatch({
    firstOffset: FIRST_OFFSET,
    firstTimestamp: FIRST_TIMESTAMP,
    maxTimestamp: FIRST_TIMESTAMP,
    lastOffsetDelta: contents.length - 1,
    records: contents.map(record),
  });
}

const CRC_AT = 17;

describe("kafkajs as it is patched", () => {
  it("computes the checksum of any length", () => {
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe306_9283);
    for (let length = 0; length < 70; length += 1) {
      const bytes = Buffer.from(Array.from({ length }, (_, n) => (n * 151 + length * 29) % 256));
      expect(crc32c(bytes)).toBe(crc32cByBits(bytes));
    }
  });

  it("gives a record memory of its own size, once", () => {
    const headers = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`ce_header_${n}`, "of some length"]));
    const { buf, buffer } = record({ key: "tkt_1", value: "x".repeat(2_500), headers });
    expect(buf.length - buffer.length).toBeLessThanOrEqual(10);
  });

  it("reads back what it has written", async () => {
    const contents: Content[] = [
      { key: "k", value: "v", headers: { ce_id: "1", twice: ["a", "b", "c"], toString: "a name like any other" } },
      { key: null, value: null, offsetDelta: 1, timestampDelta: -1 },
      { key: "ключ", value: "😀".repeat(40), headers: { leer: "" }, offsetDelta: 64, timestampDelta: 64 },
      { key: "", value: "", offsetDelta: 300, timestampDelta: 2 ** 31 },
      { key: "far", value: "x".repeat(9_000), offsetDelta: 2 ** 30, timestampDelta: -(2 ** 40) },
    ];
    const { buffer } = await batchOf(contents);
    expect(buffer.readUInt32BE(CRC_AT)).toBe(crc32cByBits(buffer.subarray(CRC_AT + 4)));
    const { records } = await decoded(new Decoder(buffer));
    const text = (bytes: Buffer | readonly Buffer[]): string | string[] =>
      Buffer.isBuffer(bytes) ? bytes.toString() : bytes.map(String);
    expect(
      records.map(({ key, value, headers, offset, timestamp }) => ({
        key: key?.toString() ?? null,
        value: value?.toString() ?? null,
        headers: Object.entries(headers).map(([name, bytes]) => [name, text(bytes)]),
        offset: Number(offset),
        timestamp: Number(timestamp),
      })),
    ).toEqual(
      contents.map(({ key, value, headers = {}, offsetDelta = 0, timestampDelta = 0 }) => ({
        key,
        value,
        headers: Object.entries(headers),
        offset: FIRST_OFFSET + offsetDelta,
        timestamp: FIRST_TIMESTAMP + timestampDelta,
      })),
    );
  });

  it("puts a large batch into its request without copying it", async () => {
    const batch = await batchOf([{ key: "k", value: "x".repeat(100_000) }]);
    const sent = await request({
      correlationId: 5,
      clientId: "opsdesk.triage",
      request: { apiKey: 0, apiVersion: 7, encode: async () => new Encoder().writeInt32(1).writeArray([batch]) },
    });
    expect(sent.pieces().some((piece) => piece.buffer === batch.buf.buffer)).toBe(true);
    expect(sent.buffer.readInt32BE(0)).toBe(sent.buffer.length - 4);
  });

  it("keeps the order of what is copied and what is not", async () => {
    const large = await batchOf([{ key: "large", value: "x".repeat(50_000) }]);
    const small = await batchOf([{ key: "small", value: "x" }]);
    const numbers = (...values: readonly number[]): Buffer =>
      Buffer.concat(values.map((value) => new Encoder().writeInt32(value).buffer));
    const inner = new Encoder().writeInt32(1).writeArray([large, small, large]).writeInt32(2);
    const outer = new Encoder().writeArray([inner, small]).writeInt32(3);
    const content = [numbers(1, 3), large.buffer, small.buffer, large.buffer, numbers(2)];
    const expected = Buffer.concat([numbers(2), ...content, small.buffer, numbers(3)]);
    expect([outer.size(), outer.buffer.equals(expected)]).toEqual([expected.length, true]);
    expect(Buffer.concat(outer.pieces()).equals(expected)).toBe(true);
  });

  it("puts the length of a request before it, whatever the client's name", async () => {
    const batch = await batchOf([{ key: "k", value: "v" }]);
    for (const clientId of ["opsdesk.triage", "schlüssel", "", null]) {
      const { buffer } = await request({
        correlationId: 5,
        clientId,
        request: { apiKey: 0, apiVersion: 7, encode: async () => batch },
      });
      expect(buffer.readInt32BE(0)).toBe(buffer.length - 4);
      expect(buffer.subarray(-batch.buffer.length)).toEqual(batch.buffer);
    }
  });

  it("keeps the order of what goes to a partition", () => {
    const messages = [0, 1, 2, 3, 4, 5, 6].map((n) => ({ n }));
    const partitioner = ({ message }: { message: { n: number } }): number => message.n % 3;
    expect(grouped({ topic: "a", partitionMetadata: [{}], messages, partitioner })).toEqual({
      0: [{ n: 0 }, { n: 3 }, { n: 6 }],
      1: [{ n: 1 }, { n: 4 }],
      2: [{ n: 2 }, { n: 5 }],
    });
  });
});
