import { TransientError } from "@opsdesk/errors";
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleType } from "cockatiel";
import { unavailable } from "./claude-failure.ts";

const FAILURES_MAX = 5;
export const PROBE_AFTER_MS = 10_000;

/**
 * After several failures in a row nobody waits for an endpoint any more: all fail at once but one, every ten seconds,
 * that looks whether it works again. Without this each ticket would hold a place of its queue for the whole timeout,
 * at each attempt. What was refused as it stands says that the endpoint works.
 */
export function failFast(probeAfterMs: number): <T>(ask: () => Promise<T>) => Promise<T> {
  const breaker = circuitBreaker(handleType(TransientError), {
    halfOpenAfter: probeAfterMs,
    breaker: new ConsecutiveBreaker(FAILURES_MAX),
  });
  return async (ask) => {
    // Others would be held until the one that looks has its answer.
    if (breaker.state === CircuitState.HalfOpen) throw notAskedNow();
    try {
      return await breaker.execute(ask);
    } catch (error) {
      throw error instanceof Error && "isBrokenCircuitError" in error ? notAskedNow() : error;
    }
  };
}

const notAskedNow = () => unavailable("the model's endpoint has failed several times in a row and is not asked now");
