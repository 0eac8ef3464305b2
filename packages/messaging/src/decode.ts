import { idFor } from "@opsdesk/identity";
import { RECORD_BYTES_MAX, checkConsumed, checkEnvelope, contractOfTopic, edgeOf } from "@opsdesk/schemas";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { validTraceparent } from "@opsdesk/telemetry";
import type { BusRecord } from "./bus.ts";
import type { MessagingCode } from "./errors.ts";

export type Decoded =
  | { readonly ok: true; readonly event: Envelope }
  | {
      readonly ok: false;
      readonly code: MessagingCode;
      readonly message: string;
      readonly eventId: string | null;
      readonly tenant: string;
    };

export interface DecodeOptions {
  /** Whose enquiries arrive on a topic that names no tenant: the installation's only business. */
  readonly defaultTenant: string | undefined;
}

/** The tenant of a record that does not say, or cannot be read. */
const UNKNOWN_TENANT = "unknown";

/** Records of one process are shared by all its consumers, so each is decoded once. */
const memo = new WeakMap<BusRecord, Decoded>();

/** Reads a record as a CloudEvent, structured or binary. Never throws. */
export function decode(record: BusRecord, options: DecodeOptions): Decoded {
  let decoded = memo.get(record);
  if (decoded === undefined) {
    decoded = readSafely(record, options);
    memo.set(record, decoded);
  }
  return decoded;
}

/** Whatever a record holds, reading it must not stop the partition. */
function readSafely(record: BusRecord, options: DecodeOptions): Decoded {
  try {
    return read(record, options);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      code: "record_invalid",
      message: message.slice(0, 900),
      eventId: null,
      tenant: edgeOf(record.topic)?.tenant ?? options.defaultTenant ?? UNKNOWN_TENANT,
    };
  }
}

function read(record: BusRecord, options: DecodeOptions): Decoded {
  const bad = (code: MessagingCode, message: string, from?: Readonly<Record<string, unknown>>): Decoded => ({
    ok: false,
    code,
    message,
    eventId: isName(from?.["id"]) ? from["id"] : null,
    tenant:
      edge?.tenant ??
      (typeof from?.["tenantid"] === "string" && TENANT.test(from["tenantid"])
        ? from["tenantid"]
        : (options.defaultTenant ?? UNKNOWN_TENANT)),
  });

  const edge = edgeOf(record.topic);
  const contract = edge?.contract ?? contractOfTopic(record.topic);
  if (contract === undefined) return bad("topic_unknown", `no contract for topic ${record.topic}`);
  if (record.value.length > RECORD_BYTES_MAX)
    return bad("record_too_large", `the record is larger than ${RECORD_BYTES_MAX} bytes`);
  let body: unknown;
  try {
    body = JSON.parse(record.value);
  } catch {
    return bad("record_undecodable", "the value is not JSON");
  }
  if (!isObject(body)) return bad("record_undecodable", "the value is not a JSON object");
  const attributes = isBinary(record) ? { ...fromHeaders(record), data: body } : body;
  if (attributes["type"] !== contract.type)
    return bad(
      "type_unknown",
      `topic ${record.topic} carries ${contract.type}, not ${String(attributes["type"]).slice(0, 100)}`,
      attributes,
    );

  const event =
    contract.type === "enquiry.submitted" ? completed(attributes, record, edge?.tenant, options) : attributes;
  const problems = checkEnvelope(event);
  if (problems.length > 0) return bad("record_invalid", told(problems), attributes);
  const unstorable = Object.entries(event).find(([, value]) => typeof value === "string" && !isStorable(value));
  if (unstorable !== undefined)
    return bad("record_invalid", `/${unstorable[0]} holds a NUL or half of a surrogate pair`, attributes);
  // The check above is the envelope's schema, so this is one; its data is checked next.
  const envelope = event as unknown as Envelope;
  if (Number(envelope.schemaversion.split(".")[0]) !== contract.major)
    return bad(
      "major_unknown",
      `${contract.type} ${envelope.schemaversion} needs a newer consumer than ${contract.schemaVersion}`,
      attributes,
    );
  const payload = checkConsumed(contract.type, envelope.data);
  if (payload.length > 0)
    return bad("record_invalid", told(payload.map((p) => ({ ...p, path: `/data${p.path}` }))), attributes);
  return { ok: true, event: envelope };
}

/** Of everything that comes by a tenant's edge topic: who may write there is one party, whatever it says it is. */
const edgeSource = (tenant: string): string => `/edge/${tenant}`;

/**
 * An upstream needs only id, source, type and data; the rest is filled in the same way each time. What came by an edge
 * topic is of that topic's tenant and source, and no word of its body changes that.
 */
function completed(
  attributes: Readonly<Record<string, unknown>>,
  record: BusRecord,
  edgeTenant: string | undefined,
  options: DecodeOptions,
): Record<string, unknown> {
  const { id, data } = attributes;
  const source = edgeTenant === undefined ? attributes["source"] : edgeSource(edgeTenant);
  const tenant: unknown = edgeTenant ?? attributes["tenantid"] ?? options.defaultTenant;
  const externalId = isObject(data) && typeof data["externalId"] === "string" ? data["externalId"] : undefined;
  const key = `${String(tenant)}:${String(source)}:${externalId ?? String(id)}`;
  const traceparent = validTraceparent(record.headers["traceparent"]);
  return {
    specversion: "1.0",
    schemaversion: "1.0",
    datacontenttype: "application/json",
    time:
      isObject(data) && typeof data["receivedAt"] === "string"
        ? data["receivedAt"]
        : new Date(record.timestamp).toISOString(),
    correlationid: idFor(`correlation:${key}`),
    idempotencykey: key,
    ...(traceparent === undefined ? {} : { traceparent }),
    ...attributes,
    ...(tenant === undefined ? {} : { tenantid: tenant }),
    ...(edgeTenant === undefined ? {} : { source, idempotencykey: key }),
  };
}

/** What an envelope may have as its id: anything else cannot be told, or not even stored. */
const isName = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.length <= 200 && isStorable(value);

/** Postgres keeps no NUL, and UTF-8 no half of a character: what claims and parks an event must be neither. */
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes("\0");

const TENANT = /^[a-z0-9][a-z0-9-]{0,62}(~eval)?$/;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isBinary = (record: BusRecord): boolean =>
  record.headers["ce_specversion"] !== undefined &&
  !(record.headers["content-type"] ?? "").startsWith("application/cloudevents+json");

function fromHeaders(record: BusRecord): Record<string, unknown> {
  const attributes: Record<string, unknown> = { datacontenttype: "application/json" };
  for (const [name, value] of Object.entries(record.headers)) {
    if (name.startsWith("ce_")) attributes[name.slice(3)] = value;
    // One that cannot be read is none: no event is refused for how it is traced.
    else if (name === "traceparent" && validTraceparent(value) !== undefined) attributes["traceparent"] = value;
  }
  return attributes;
}

const told = (problems: readonly { path: string; message: string }[]): string =>
  problems
    .map((problem) => `${problem.path === "" ? "/" : problem.path} ${problem.message}`)
    .join("; ")
    .slice(0, 900);
