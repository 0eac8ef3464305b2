import { promisify } from "node:util";
import { zstdCompress, zstdDecompress } from "node:zlib";
import kafkajs from "kafkajs";
import snappy from "kafkajs-snappy";
import lz4 from "lz4js";

interface Encoder {
  readonly buffer: Buffer;
}

const compressed = promisify(zstdCompress);
const decompressed = promisify(zstdDecompress);

/**
 * kafkajs alone reads gzip only, and a record in another codec stops its consumer for ever: any outside producer that
 * compresses as its client does by default (franz-go: snappy) would stop intake. Ours are sent uncompressed.
 */
export function readEveryCodec(): void {
  // Node does not see these two among the names that this CommonJS module exports.
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.Snappy] = snappy;
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: (encoder: Encoder) => Promise.resolve(Buffer.from(lz4.compress(encoder.buffer))),
    decompress: (buffer: Buffer) => Promise.resolve(Buffer.from(lz4.decompress(buffer))),
  });
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: (encoder: Encoder) => compressed(encoder.buffer),
    decompress: (buffer: Buffer) => decompressed(buffer),
  });
}
