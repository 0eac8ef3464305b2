import { RejectedError, TransientError } from "@opsdesk/errors";

/** What the SDK says of a failed request; its message and body may quote the question, so they are not told further. */
interface Failure {
  readonly name?: unknown;
  readonly status?: unknown;
  readonly type?: unknown;
  readonly requestID?: unknown;
}

/** Timed out or in conflict: the same request may pass the next time. */
const AGAIN = new Set([408, 409, 429]);

const rejectedCode = (status: number) =>
  status === 401 || status === 402 || status === 403
    ? "model_access_denied"
    : status === 404
      ? "model_unknown"
      : "model_request_refused";

/** A word or an id; what an endpoint says at more length may be the question itself. */
const said = (value: unknown): string => (typeof value === "string" && /^[\w-]{1,80}$/.test(value) ? value : "none");

export const unavailable = (message: string): TransientError => new TransientError("model_unavailable", message);

/** Names the status, the provider's own word for it and its request's id, by which its support finds it. */
export function failureOf(error: unknown): TransientError | RejectedError {
  const { name, requestID, status, type }: Failure = typeof error === "object" && error !== null ? error : {};
  if (typeof status !== "number") return unavailable(`the model's endpoint did not answer: ${said(name)}`);
  const message = `the model's endpoint answered ${status} (type ${said(type)}, request ${said(requestID)})`;
  return status >= 400 && status < 500 && !AGAIN.has(status)
    ? new RejectedError(rejectedCode(status), message)
    : unavailable(message);
}
