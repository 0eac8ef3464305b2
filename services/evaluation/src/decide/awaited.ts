import { type Outcome, ignore } from "@opsdesk/messaging/outcome";
import { baseOf, isShadow } from "./shadow.ts";

/** A scenario of a run that is under way. `tenant` is the real one. */
export interface Awaited {
  readonly tenant: string;
  readonly runId: string;
  readonly scenarioId: string;
  readonly correlationId: string;
  /** When the run's enquiries were submitted. */
  readonly submittedAt: string;
  readonly ticketId: string | null;
  readonly disposition: string | null;
  readonly replyOutcome: string | null;
}

export type AwaitedScenarios = ReadonlyMap<string, Awaited>;

interface Arrival {
  readonly tenantid: string;
  readonly correlationid: string;
}

export const awaitedKey = ({
  tenant,
  correlationId,
}: {
  readonly tenant: string;
  readonly correlationId: string;
}): string => `${tenant}\u001f${correlationId}`;

/** What to look up for a batch: nothing at all for the events of real tenants, which are nearly all there are. */
export const wantedOf = (
  arrivals: readonly Arrival[],
): readonly { readonly tenant: string; readonly correlationId: string }[] =>
  arrivals
    .filter(({ tenantid }) => isShadow(tenantid))
    .map(({ tenantid, correlationid }) => ({ tenant: baseOf(tenantid), correlationId: correlationid }));

/** Decides about an event that answers a scenario, and ignores what answers none. */
export function whenAwaited<Rows>(
  arrival: Arrival,
  scenarios: AwaitedScenarios,
  decide: (scenario: Awaited) => Outcome<Rows>,
): Outcome<Rows> {
  if (!isShadow(arrival.tenantid)) return ignore("real_tenant");
  const found = scenarios.get(awaitedKey({ tenant: baseOf(arrival.tenantid), correlationId: arrival.correlationid }));
  // Also what comes after its run has ended: a verdict is never changed.
  return found === undefined ? ignore("nothing_awaits_it") : decide(found);
}

/** What the next event of a batch sees of a scenario. */
export const withAwaited = (scenarios: AwaitedScenarios, scenario: Awaited): AwaitedScenarios =>
  new Map(scenarios).set(awaitedKey(scenario), scenario);
