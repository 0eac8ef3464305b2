import { styleText } from "node:util";
import { safe } from "../terminal/print.ts";
import type { Step, StorySummary } from "./scenario.ts";

const WIDTH = 100;
const INDENT = " ".repeat(6);

/** The ten steps as a person reads them: what, when, and the ids to look further with. */
export function tellSteps(story: Pick<StorySummary, "reference" | "steps">, played: "now" | "already"): string {
  const start = Math.min(...story.steps.map(({ at }) => (at === null ? Number.POSITIVE_INFINITY : Date.parse(at))));
  const day = new Date(Number.isFinite(start) ? start : 0).toISOString().slice(0, 10);
  const head =
    played === "already"
      ? `${story.reference} has already happened, on ${day} (UTC). Nothing is played twice.\n\n`
      : "\n";
  return `${head}${story.steps.map((step) => tellStep(step, start, played)).join("\n")}`;
}

function tellStep({ artefacts, at, happened, step, title }: Step, start: number, played: "now" | "already"): string {
  const mark = happened ? styleText("green", "✔") : styleText("red", "✘");
  const lines = Object.entries(artefacts).map(([name, value]) => tellArtefact(name, value));
  return [`${mark} ${String(step).padStart(2)}  ${title}  ${styleText("dim", when())}`, ...lines].join("\n");

  function when(): string {
    if (at === null) return "has not happened";
    const after = `+${(Date.parse(at) - start).toLocaleString("en")} ms`;
    return played === "already" ? `already happened at ${at.slice(11, 23)}, ${after}` : after;
  }
}

/** One line where it fits, else a list. */
function tellArtefact(name: string, value: unknown): string {
  const label = `${INDENT}${styleText("dim", `${name}:`)}`;
  if (!Array.isArray(value)) return `${label} ${told(value)}`;
  if (value.length === 0) return `${label} none`;
  const items = counted(value.map(told));
  const line = items.join(", ");
  if (INDENT.length + name.length + 2 + line.length <= WIDTH) return `${label} ${line}`;
  return [label, ...items.map((item) => `${INDENT}  - ${item}`)].join("\n");
}

/** What comes several times is told once, with how often. */
function counted(items: readonly string[]): readonly string[] {
  const times = Map.groupBy(items, (item) => item);
  return [...times].map(([item, all]) => (all.length === 1 ? item : `${item} (${all.length}×)`));
}

function told(value: unknown): string {
  if (typeof value === "string") return safe(value);
  if (typeof value === "number" && !Number.isInteger(value)) return value.toFixed(4);
  return safe(JSON.stringify(value));
}
