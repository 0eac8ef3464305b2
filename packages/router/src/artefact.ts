import { RejectedError } from "@opsdesk/errors";
import { canonicalJson, sha256Hex } from "@opsdesk/identity";
import { byteReader, byteWriter } from "./bytes.ts";
import type { RouterErrorCode } from "./errors.ts";
import { ROUTER_FORMAT, type Calibration, type RouterModel } from "./model.ts";
import { slotsOf } from "./vocabulary.ts";

/**
 * An artefact is: "ODRM"; the format (u32); the header's length (u32) and the header, canonical JSON in UTF-8; hashes
 * (u32), idf (f32), levels (i8), scales and biases (f32); and last the SHA-256
 * of all before it, in hex. Little-endian. The digest finds damage; it is no signature.
 */
interface Header extends Calibration {
  readonly seed: number;
  readonly trainingHash: string;
  readonly exampleCount: number;
  readonly labels: readonly string[];
  readonly columns: number;
}

const MAGIC = "ODRM";
const DIGEST_BYTES = 64;

/** The bytes of a model: equal models give equal bytes. */
export function serialiseRouter(model: RouterModel): Uint8Array {
  const { vocabulary, weights, seed, trainingHash, exampleCount, labels } = model;
  const header: Header = {
    seed,
    trainingHash,
    exampleCount,
    labels,
    temperature: model.temperature,
    scopeThreshold: model.scopeThreshold,
    scopeWidth: model.scopeWidth,
    columns: vocabulary.hashes.length,
  };
  const headerBytes = new TextEncoder().encode(canonicalJson(header));
  const writer = byteWriter();
  writer.bytes(new TextEncoder().encode(MAGIC));
  writer.u32([model.format, headerBytes.length]);
  writer.bytes(headerBytes);
  writer.u32(vocabulary.hashes);
  writer.f32(vocabulary.idf);
  writer.bytes(new Uint8Array(weights.levels.buffer, weights.levels.byteOffset, weights.levels.length));
  writer.f32(weights.scales);
  writer.f32(weights.biases);
  writer.bytes(new TextEncoder().encode(sha256Hex(writer.done())));
  return writer.done();
}

const damaged = (message: string, cause?: unknown): RejectedError<RouterErrorCode> =>
  new RejectedError("router.artefact_damaged", message, {
    publicMessage: "The router artefact is damaged: train again, or restore it.",
    cause,
  });

function read(body: Uint8Array): RouterModel {
  const reader = byteReader(body);
  reader.bytes(MAGIC.length);
  const [, headerLength = 0] = reader.u32(2);
  // The digest has been checked: this is a header that serialiseRouter wrote.
  const header = JSON.parse(new TextDecoder().decode(reader.bytes(headerLength))) as Header;
  const { columns, ...facts } = header;
  const hashes = reader.u32(columns);
  const idf = reader.f32(columns);
  const levels = new Int8Array(reader.bytes(columns * facts.labels.length).buffer);
  const scales = reader.f32(facts.labels.length);
  const biases = reader.f32(facts.labels.length);
  if (reader.left() > 0) throw new RangeError(`${reader.left()} bytes are left over`);
  return {
    ...facts,
    format: ROUTER_FORMAT,
    vocabulary: { hashes, idf, slots: slotsOf(hashes) },
    weights: { levels, scales, biases },
  };
}

/**
 * The model of an artefact that serialiseRouter wrote.
 * @throws RejectedError `router.artefact_damaged`, `router.artefact_version_unknown`
 */
export function parseRouter(artefact: Uint8Array): RouterModel {
  if (artefact.length < MAGIC.length + 8 + DIGEST_BYTES) throw damaged(`${artefact.length} bytes are too few`);
  const reader = byteReader(artefact);
  if (new TextDecoder().decode(reader.bytes(MAGIC.length)) !== MAGIC) throw damaged("This is no router artefact");
  const body = artefact.subarray(0, -DIGEST_BYTES);
  const digest = new TextDecoder().decode(artefact.subarray(-DIGEST_BYTES));
  if (sha256Hex(body) !== digest) throw damaged("The digest differs from the content");
  const [format] = reader.u32(1);
  if (format !== ROUTER_FORMAT) {
    const message = `Router artefact format ${format}; this version reads ${ROUTER_FORMAT}`;
    throw new RejectedError<RouterErrorCode>("router.artefact_version_unknown", message, {
      publicMessage: `${message}: train again from the examples.`,
    });
  }
  try {
    return read(body);
  } catch (cause) {
    throw damaged("The content is not what its header says", cause);
  }
}
