import { type AnyHandler, type EventOf, handler } from "@opsdesk/messaging";
import { type AwaitedScenarios, whenAwaited, withAwaited } from "../decide/awaited.ts";
import { type ReplyFound, type ReplyRow, recordReply } from "../decide/record-reply.ts";
import { repliesRecorded } from "../store/answers.ts";
import { loadAwaited } from "./load-awaited.ts";

type Settling = "reply.sent" | "reply.failed" | "ai.draft.retired";

const settling = <T extends Settling>(type: T, found: (event: EventOf<T>) => ReplyFound): AnyHandler =>
  handler<T, AwaitedScenarios, ReplyRow>(type, {
    load: loadAwaited,
    decide: (event, scenarios) => whenAwaited(event, scenarios, (scenario) => recordReply(scenario, found(event))),
    evolve: (scenarios, { scenario }) => withAwaited(scenarios, scenario),
    save: (rows) => ({
      writes: [
        repliesRecorded(
          rows.map(({ scenario: { tenant, runId, scenarioId }, ...reply }) => ({
            ...reply,
            tenant,
            runId,
            scenarioId,
          })),
        ),
      ],
    }),
  });

export const onReplySent = (): AnyHandler =>
  settling("reply.sent", ({ data }) => ({ outcome: "sent", carrier: data.carrier, text: data.text }));

export const onReplyFailed = (): AnyHandler =>
  settling("reply.failed", () => ({ outcome: "failed", carrier: null, text: null }));

/** An approved draft that was overtaken goes nowhere. */
export const onDraftRetired = (): AnyHandler =>
  settling("ai.draft.retired", () => ({ outcome: "retired", carrier: null, text: null }));
