import { styleText } from "node:util";
import type { Client } from "../client/client.ts";
import { ifThere } from "../client/until.ts";
import { type GateDecision, type Story, storyOf } from "./story.ts";

/** What the gate has decided last about a ticket. */
export interface Outcome {
  readonly reference: string;
  readonly verdict: GateDecision["verdict"];
  readonly disposition: string | null;
  readonly categoryId: string | null;
  readonly priority: string | null;
  readonly owner: Story["owner"];
  readonly reviewId: string;
  readonly draftId: string;
  readonly reasons: GateDecision["reasons"];
}

/** The outcome, or undefined while there is none. */
export async function outcomeOf(desk: Client, reference: string): Promise<Outcome | undefined> {
  // The story may be a moment behind the ticket.
  const story = await ifThere(storyOf(desk, reference));
  // Not the one of the conversation's newest version: an automatic reply is a version of its own, and none is decided.
  const decided = story?.gate.at(-1);
  if (story === undefined || decided === undefined) return undefined;
  const { categoryId, disposition, owner, priority } = story;
  const { draftId, reasons, reviewId, verdict } = decided;
  return { reference: story.reference, verdict, disposition, categoryId, priority, owner, reviewId, draftId, reasons };
}

export const verdictText = (verdict: Outcome["verdict"]): string =>
  verdict === "auto_send" ? styleText("green", "answered automatically") : styleText("yellow", "waits for a person");

export function outcomeText({ categoryId, owner, priority, reasons, verdict }: Outcome): string {
  const place = [categoryId ?? "no category", priority, ...(owner === null ? [] : [owner.name ?? owner.id])]
    .filter((part) => part !== null)
    .join(", ");
  return [`${verdictText(verdict)}: ${place}`, ...reasons.map(({ rule, words }) => `  ${rule}: ${words}`)].join("\n");
}
