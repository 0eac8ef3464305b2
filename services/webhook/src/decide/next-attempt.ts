import { sha256Hex } from "@opsdesk/identity";
import type { AttemptErrorCode } from "./error-codes.ts";

/** What an attempt came to: an answer over HTTP, or the reason why there was none. */
export type Answer =
  | { readonly kind: "answered"; readonly status: number; readonly retryAfter: string | null }
  | { readonly kind: "unanswered"; readonly code: AttemptErrorCode };

export type Next =
  | { readonly do: "delivered" }
  | {
      readonly do: "retry";
      readonly code: AttemptErrorCode;
      readonly afterSeconds: number;
      readonly slowSeconds: number;
    }
  | { readonly do: "failed"; readonly code: AttemptErrorCode; readonly gone: boolean; readonly slowSeconds: number };

/** Seconds before each further attempt: eight attempts over about 28 hours. */
export const RETRY_SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000] as const;
const JITTER = 0.2;
/** What an endpoint may ask for with Retry-After. */
const RETRY_AFTER_SECONDS_MAX = 36_000;
/** Answers of a server, or of the gateway before it, that has more than it can take. */
const OVERLOADED = new Set([429, 502, 504]);
const SLOW_SECONDS = 30;
const SLOW_SECONDS_MAX = 3_600;

/** Between 0 and 1, always the same for the same attempt: spread without chance, so that a decision can be repeated. */
export const spread = (name: string): number => Number.parseInt(sha256Hex(name).slice(0, 8), 16) / 0xffff_ffff;

/** `tries` counts this attempt; `chance` is between 0 and 1. */
export function nextAttempt(answer: Answer, tries: number, now: string, chance: number): Next {
  if (answer.kind === "answered" && answer.status >= 200 && answer.status < 300) return { do: "delivered" };
  const code = codeOf(answer);
  if (code === "endpoint_gone") return { do: "failed", code, gone: true, slowSeconds: 0 };
  const asked =
    answer.kind === "answered" ? Math.min(retryAfterSeconds(answer.retryAfter, now) ?? 0, RETRY_AFTER_SECONDS_MAX) : 0;
  const overloaded = answer.kind === "answered" && OVERLOADED.has(answer.status);
  const slowSeconds = overloaded ? Math.min(Math.max(asked, SLOW_SECONDS), SLOW_SECONDS_MAX) : 0;
  const scheduled = RETRY_SECONDS[tries - 1];
  if (scheduled === undefined) return { do: "failed", code, gone: false, slowSeconds };
  const jittered = scheduled * (1 - JITTER + 2 * JITTER * chance);
  return { do: "retry", code, afterSeconds: Math.round(Math.max(jittered, asked, slowSeconds)), slowSeconds };
}

function codeOf(answer: Answer): AttemptErrorCode {
  if (answer.kind === "unanswered") return answer.code;
  if (answer.status === 410) return "endpoint_gone";
  return answer.status >= 300 && answer.status < 400 ? "redirect_refused" : "http_error";
}

/** A number of seconds or an HTTP date; undefined for anything else. */
export function retryAfterSeconds(header: string | null, now: string): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header.trim());
  const seconds = /[a-z]{3},? /i.test(header) ? (Date.parse(header) - Date.parse(now)) / 1_000 : Number.NaN;
  return Number.isNaN(seconds) ? undefined : Math.max(0, Math.ceil(seconds));
}
