import { actionsOf } from "./story-actions.ts";
import { deliveriesOf } from "./story-webhooks.ts";
import { type KeptEvent, inOrder } from "./story-events.ts";
import { evidenceOf } from "./story-evidence.ts";
import { gatesOf } from "./story-gates.ts";
import { runsOf, totalsOfRuns } from "./story-runs.ts";
import { stepsOf } from "./story-steps.ts";

/** A ticket's whole story from its events, in whatever order they were heard. */
export function tellStory(kept: readonly KeptEvent[]) {
  const ordered = inOrder(kept);
  const events = ordered.map(({ event }) => event);
  const runs = runsOf(events);
  const webhooks = deliveriesOf(events);
  const [first, last] = [events[0], events.at(-1)];
  return {
    steps: stepsOf(events),
    totals: {
      ...totalsOfRuns(runs),
      events: events.length,
      webhookAttempts: webhooks.reduce((total, { attempts }) => total + attempts, 0),
      elapsedMs: first === undefined || last === undefined ? 0 : Date.parse(last.time) - Date.parse(first.time),
    },
    runs,
    evidence: evidenceOf(events),
    gate: gatesOf(events),
    webhooks,
    actions: actionsOf(events),
    events: ordered.map(({ position, event }) => ({ position, ...event })),
  };
}
