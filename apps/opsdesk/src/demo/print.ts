import { styleText } from "node:util";
import type { Step } from "./scenario.ts";

/** The ten steps as a person reads them: what, when, and the ids to look further with. */
export function printSteps(steps: readonly Step[], already: boolean): string {
  const first = steps.find((step) => step.at !== null)?.at ?? null;
  return steps
    .map((step) => {
      const mark = step.happened ? styleText("green", "✔") : styleText("red", "✘");
      const when = step.at === null ? "" : styleText("dim", already ? `already happened, ${step.at}` : `+${first === null ? 0 : Date.parse(step.at) - Date.parse(first)} ms`);
      const artefacts = Object.entries(step.artefacts)
        .map(([name, value]) => `     ${styleText("dim", `${name}:`)} ${told(value)}`)
        .join("\n");
      return `${mark} ${String(step.step).padStart(2)}  ${step.title}  ${when}${artefacts === "" ? "" : `\n${artefacts}`}`;
    })
    .join("\n");
}

const told = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(told).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
};
