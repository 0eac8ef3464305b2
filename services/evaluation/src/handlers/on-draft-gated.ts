import type { Read } from "@opsdesk/database";
import type { Desks } from "@opsdesk/desk";
import { type AnyHandler, type EventOf, handler } from "@opsdesk/messaging/handler";
import { type AwaitedScenarios, whenAwaited, withAwaited } from "../decide/awaited.ts";
import { type AnswerRow, recordAnswer } from "../decide/record-answer.ts";
import { isShadow } from "../decide/shadow.ts";
import type { DeskKnown } from "../decide/start-run.ts";
import { answersRecorded } from "../store/answers.ts";
import { loadAwaited } from "./load-awaited.ts";

interface State {
  readonly scenarios: AwaitedScenarios;
  /** Desks of shadow tenants: what their templates approve. */
  readonly desks: ReadonlyMap<string, DeskKnown>;
}

const steps = (desks: Desks) => ({
  load: async (
    read: Read,
    events: readonly EventOf<"ai.draft.auto_approved" | "ai.draft.review_required">[],
  ): Promise<State> => {
    const scenarios = await loadAwaited(read, events);
    if (scenarios.size === 0) return { scenarios, desks: new Map() };
    const shadows = events.map(({ tenantid }) => tenantid).filter(isShadow);
    return { scenarios, desks: await desks.byTenant(read, shadows) };
  },
  evolve: (state: State, { scenario }: AnswerRow): State => ({
    ...state,
    scenarios: withAwaited(state.scenarios, scenario),
  }),
  save: (rows: readonly AnswerRow[]) => ({
    writes: [
      answersRecorded(
        rows.map(({ scenario: { tenant, runId, scenarioId }, ...answer }) => ({
          ...answer,
          tenant,
          runId,
          scenarioId,
        })),
      ),
    ],
  }),
});

export const onDraftAutoApproved = (desks: Desks): AnyHandler =>
  handler<"ai.draft.auto_approved", State, AnswerRow>("ai.draft.auto_approved", {
    ...steps(desks),
    decide: (event, state) =>
      whenAwaited(event, state.scenarios, (scenario) =>
        recordAnswer(scenario, event, "auto_approved", state.desks.get(event.tenantid)?.desk),
      ),
  });

export const onDraftReviewRequired = (desks: Desks): AnyHandler =>
  handler<"ai.draft.review_required", State, AnswerRow>("ai.draft.review_required", {
    ...steps(desks),
    decide: (event, state) =>
      whenAwaited(event, state.scenarios, (scenario) =>
        recordAnswer(scenario, event, "review_required", state.desks.get(event.tenantid)?.desk),
      ),
  });
