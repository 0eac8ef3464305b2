import { styleText } from "node:util";
import type { Command } from "commander";
import { pathTo } from "../client/client.ts";
import { acting } from "../terminal/command.ts";
import type { Environment } from "../up/settings.ts";

interface Replayed {
  readonly reference: string;
  readonly conversationVersion: number;
  readonly draftId: string;
  readonly replay:
    | { readonly result: "same"; readonly gateVersion: string; readonly decisionHash: string }
    | { readonly result: "altered"; readonly what: string }
    | { readonly result: "erased" }
    | {
        readonly result: "different";
        readonly storedVersion: string;
        readonly gateVersion: string;
        readonly verdict: { readonly stored: string; readonly now: string };
        readonly onlyStored: readonly string[];
        readonly onlyNow: readonly string[];
      };
}

export const addReplayDecision = (program: Command, environment: Environment): void => {
  program
    .command("replay-decision")
    .description(
      "decide again from the stored inputs: would the gate still say the same, and is what it stored unchanged?",
    )
    .argument("<ref>", "a reference (OD-1025) or a ticket id")
    .action(
      acting<object, [string]>(environment, async ({ desk }, _options, ref) => {
        const { items } = await desk.get<{ items: readonly Replayed[] }>(
          pathTo(["ops", "safety-gate", "decisions", ref, "replay"]),
        );
        return {
          json: { items },
          text: items.map(line).join("\n"),
          failed: items.some(({ replay: { result } }) => result === "altered" || result === "different"),
        };
      }),
    );
};

function line({ conversationVersion, replay, reference }: Replayed): string {
  const place = `${reference} version ${conversationVersion}:`;
  switch (replay.result) {
    case "same":
      return `${place} ${styleText("green", "the same decision")} (gate ${replay.gateVersion}, ${replay.decisionHash.slice(0, 16)})`;
    case "erased":
      return `${place} the inputs were erased with the customer's data`;
    case "altered":
      return `${place} ${styleText("red", "altered since")}: ${replay.what}`;
    case "different": {
      const { gateVersion, onlyNow, onlyStored, storedVersion, verdict } = replay;
      return `${place} ${styleText("yellow", "decided otherwise now")}: ${verdict.stored} by gate ${storedVersion}, ${verdict.now} by ${gateVersion}; only then: ${onlyStored.join(", ") || "nothing"}; only now: ${onlyNow.join(", ") || "nothing"}`;
    }
  }
}
