import { setTimeout as sleep } from "node:timers/promises";
import type { GraphSearch } from "./clients/graph.ts";
import type { LexicalSearch } from "./clients/lexical.ts";

const TRIES_MAX = 60;
const AGAIN_MS = 1_000;
const ANSWER_MS_MAX = 10_000;
/** No tenant is named so. */
const NOBODY = "~";

/**
 * The first question to a store takes longer than a customer is let wait for one: connections are made, and a server that
 * has just started loads what answers it. So it is asked before a customer asks, until it answers or this is `signal`led.
 */
export async function warmUp(
  ask: (signal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal,
  againMs = AGAIN_MS,
): Promise<void> {
  for (let tried = 0; tried < TRIES_MAX && !signal.aborted; tried += 1)
    try {
      await ask(AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]));
      return;
    } catch {
      // That a store is away is told when it is missed.
      await sleep(againMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
}

/** Two questions whose answer is empty, of the kind that enquiries ask. `at`: RFC 3339. */
export const nothingByWords =
  (search: LexicalSearch, at: string) =>
  (signal: AbortSignal): Promise<unknown> =>
    search.find([{ tenant: NOBODY, terms: ["nothing"], filters: {} }], at, 1, signal);

export const nothingNearby =
  (search: GraphSearch, at: string) =>
  (signal: AbortSignal): Promise<unknown> =>
    search.neighbours([{ tenant: NOBODY, ticketId: NOBODY, anchors: [{ kind: "site", id: NOBODY }], at }], 1, signal);
