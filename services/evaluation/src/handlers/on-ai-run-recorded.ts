import { type AnyHandler, done, handler, ignore } from "@opsdesk/messaging";
import { type Awaited, type AwaitedScenarios, whenAwaited } from "../decide/awaited.ts";
import { costsAdded } from "../store/answers.ts";
import { loadAwaited } from "./load-awaited.ts";

type Cost = Awaited & { readonly costMicros: number };

/** What a scenario cost, as far as runs are told in events of their own. */
export const onAiRunRecorded = (): AnyHandler =>
  handler<"ai.run.recorded", AwaitedScenarios, Cost>("ai.run.recorded", {
    load: loadAwaited,
    decide: (event, scenarios) =>
      whenAwaited(event, scenarios, (scenario) =>
        event.data.run.costMicros === 0
          ? ignore("free_of_charge")
          : done({ rows: { ...scenario, costMicros: event.data.run.costMicros } }),
      ),
    save: (rows) => ({ writes: [costsAdded(rows)] }),
  });
