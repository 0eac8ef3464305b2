import { RejectedError, TransientError } from "@opsdesk/errors";

/** The closed list of this package's codes. Each has a heading in docs/failure-modes.md. */
export type KafkaAdminCode =
  | "kafka_unauthenticated"
  | "kafka_denied"
  | "kafka_refused"
  | "kafka_unavailable"
  | "kafka_unsettled";

interface Told {
  readonly code?: unknown;
  readonly apiId?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

const isTold = (value: unknown): value is Told => typeof value === "object" && value !== null;

/** An error of the client, with everything that it wraps. */
function tree(error: unknown, depth = 0): readonly Told[] {
  if (!isTold(error) || depth > 6) return [];
  const wrapped: readonly unknown[] = Array.isArray(error.errors) ? error.errors : [];
  return [error, ...[...wrapped, error.cause].flatMap((one) => tree(one, depth + 1))];
}

/** What the client throws, as one of ours. */
export function translated(error: unknown): Error {
  if (error instanceof RejectedError || error instanceof TransientError) return error;
  const all = tree(error);
  const refusal = all.find((one) => typeof one.apiId === "string");
  const said = all.map((one) => String(one.message)).join(": ");
  const told = (code: KafkaAdminCode, publicMessage: string): Error =>
    code === "kafka_unavailable"
      ? new TransientError<KafkaAdminCode>(code, said, { publicMessage, cause: error })
      : new RejectedError<KafkaAdminCode>(code, said, { publicMessage, cause: error });
  if (
    all.some((one) => one.code === "PLT_KFK_AUTHENTICATION") ||
    refusal?.apiId === "SASL_AUTHENTICATION_FAILED" ||
    refusal?.apiId === "UNSUPPORTED_SASL_MECHANISM"
  )
    return told("kafka_unauthenticated", "The cluster refuses this user, password or mechanism.");
  if (typeof refusal?.apiId === "string" && refusal.apiId.endsWith("_AUTHORIZATION_FAILED"))
    return told("kafka_denied", `The cluster does not let this user do that (${refusal.apiId}).`);
  if (refusal !== undefined)
    return told("kafka_refused", `The cluster refuses that: ${String(refusal.apiId)}. ${String(refusal.message)}`);
  if (all.some((one) => typeof one.code === "string" && one.code.startsWith("PLT_KFK_")))
    return told("kafka_unavailable", "The cluster cannot be reached. Look at KAFKA_BROKERS and KAFKA_TLS_*.");
  return error instanceof Error ? error : new Error(String(error));
}
