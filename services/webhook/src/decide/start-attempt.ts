import type { AttemptErrorCode } from "./error-codes.ts";
import { type Delivery, finished } from "./delivery.ts";
import type { Endpoint } from "./endpoint.ts";

export type Start =
  | { readonly do: "send" }
  /** Nothing to do, and why: this attempt has been made, or is no longer wanted. */
  | { readonly do: "skip"; readonly reason: string }
  /** Its predecessor is not finished; whoever finishes that one starts it. */
  | { readonly do: "wait" }
  | { readonly do: "later"; readonly afterSeconds: number }
  | { readonly do: "fail"; readonly code: AttemptErrorCode; readonly message: string };

/** What a job finds to do: order is decided by what is stored, never by the queue. */
export function startAttempt(
  delivery: Delivery | undefined,
  endpoint: Endpoint | undefined,
  predecessor: Delivery | undefined,
  attempt: number,
  now: string,
): Start {
  if (delivery === undefined) return { do: "skip", reason: "delivery_unknown" };
  if (finished(delivery)) return { do: "skip", reason: `already_${delivery.state}` };
  if (attempt !== delivery.attempts + 1) return { do: "skip", reason: "attempt_superseded" };
  if (predecessor !== undefined && !finished(predecessor)) return { do: "wait" };
  if (endpoint === undefined || endpoint.status === "deleted")
    return { do: "fail", code: "endpoint_deleted", message: "The endpoint has been deleted." };
  if (endpoint.status === "disabled")
    return {
      do: "fail",
      code: "endpoint_disabled",
      message: `The endpoint is disabled: ${endpoint.disabledDetail ?? endpoint.disabledReason ?? ""}`,
    };
  const slowSeconds = endpoint.slowUntil === null ? 0 : (Date.parse(endpoint.slowUntil) - Date.parse(now)) / 1_000;
  return slowSeconds > 0 ? { do: "later", afterSeconds: Math.ceil(slowSeconds) } : { do: "send" };
}
