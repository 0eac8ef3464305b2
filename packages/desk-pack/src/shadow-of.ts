import type { PackDesk } from "./build-pack.ts";

/** The end of a shadow tenant's id. No business of a pack can have it. */
export const SHADOW_SUFFIX = "~eval";

/**
 * The desk as evaluation runs it: same categories, templates and policy, and nobody to reach. API keys are dropped
 * where a desk with keys is given.
 */
export function shadowOf(desk: PackDesk): PackDesk {
  const { business, ai, teams, people, leadId, responseTargets, signals, categories, templates, policy, scenarios } =
    desk;
  return {
    business: { ...business, id: `${business.id}${SHADOW_SUFFIX}` },
    ai,
    teams,
    people: people.map(({ email: _, ...person }) => person),
    leadId,
    responseTargets,
    signals,
    categories,
    templates,
    policy,
    endpoints: [],
    scenarios,
  };
}
