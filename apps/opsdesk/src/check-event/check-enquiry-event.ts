import { RECORD_BYTES_MAX, type SchemaProblem, checkConsumed, checkEnvelope, contractOf } from "@opsdesk/schemas";

const TYPE = "enquiry.submitted";

/** What a desk fills in where an enquiry from outside leaves it out; any value of the right form checks the same. */
const FILLED_IN = {
  specversion: "1.0",
  schemaversion: "1.0",
  datacontenttype: "application/json",
  time: "2026-01-01T00:00:00Z",
  correlationid: "filled-in",
  idempotencykey: "filled-in",
  tenantid: "filled-in",
};

/** What is wrong with a structured CloudEvent that is meant to be an enquiry; nothing when a desk would take it. */
export function checkEnquiryEvent(text: string): readonly SchemaProblem[] {
  if (Buffer.byteLength(text) > RECORD_BYTES_MAX)
    return [
      { path: "", message: `the record is larger than ${RECORD_BYTES_MAX} bytes: keep long texts in attachments` },
    ];
  let event: unknown;
  try {
    event = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    return [{ path: "", message: `is not JSON: ${error instanceof Error ? error.message : String(error)}` }];
  }
  if (typeof event !== "object" || event === null || Array.isArray(event))
    return [{ path: "", message: "must be one JSON object: a CloudEvent with id, source, type and data" }];
  const given = { ...event } as Readonly<Record<string, unknown>>;
  const problems = [...checkEnvelope({ ...FILLED_IN, ...given })];
  if (given["type"] !== undefined && given["type"] !== TYPE && !problems.some(({ path }) => path === "/type"))
    problems.push({ path: "/type", message: `must be ${TYPE}` });
  const major = contractOf(TYPE)?.major;
  const version = given["schemaversion"];
  if (typeof version === "string" && /^\d+\.\d+$/.test(version) && Number(version.split(".")[0]) !== major)
    problems.push({ path: "/schemaversion", message: `must be ${major}.x` });
  if ("data" in given)
    problems.push(
      ...checkConsumed(TYPE, given["data"]).map(({ message, path }) => ({ path: `/data${path}`, message })),
    );
  return problems;
}
