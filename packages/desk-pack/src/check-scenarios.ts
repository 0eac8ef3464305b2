import { didYouMean, quoted } from "./nearest.ts";
import { GATE_RULES } from "./gate-rules.ts";
import type { ReadFiles } from "./pack-files.ts";
import type { Report } from "./problems.ts";
import { isText, select, textAt } from "./select.ts";
import type { Located } from "./yaml.ts";

/** Reports expectations that no desk of this pack could meet. */
export function checkScenarios(files: ReadFiles, report: Report): void {
  const vetoes = listIn(files, "/vetoRisks");
  const licensed = listIn(files, "/autoSend/categories");
  const categoryOf = new Map(files.pages("template").map((page) => [textAt(page, "/id"), textAt(page, "/category")]));
  for (const located of files.yaml("scenarios")) {
    for (const { file, line, value } of select(located, "/scenarios/*/expect/rules/*").filter(isText)) {
      const fault = faultOfRule(value, vetoes);
      if (fault !== undefined) report(file, line, "rule_unknown", fault);
    }
    for (const { pointer } of select(located, "/scenarios/*")) {
      const fault = contradictionIn(located, pointer, licensed, categoryOf);
      if (fault !== undefined)
        report(located.file, located.lineOf(`${pointer}/expect`), "scenario_contradiction", fault);
    }
  }
}

/** The texts of one of the policy's lists, or undefined where there is no such list to compare with. */
function listIn(files: ReadFiles, path: string): ReadonlySet<unknown> | undefined {
  const lists = files.yaml("policy").flatMap((policy) => select(policy, path));
  return lists.length === 0 ? undefined : new Set(lists.flatMap(({ value }) => value));
}

function faultOfRule(rule: string, vetoes: ReadonlySet<unknown> | undefined): string | undefined {
  if (!rule.startsWith("risk:"))
    return GATE_RULES.includes(rule)
      ? undefined
      : `${quoted(rule)} is not a rule of the gate.${didYouMean(rule, GATE_RULES)} A veto is written risk:<risk>.`;
  const risk = rule.slice("risk:".length);
  return vetoes === undefined || vetoes.has(risk)
    ? undefined
    : `${quoted(risk)} is not among vetoRisks in policy.yaml, so ${quoted(rule)} never fires.`;
}

function contradictionIn(
  located: Located,
  pointer: string,
  licensed: ReadonlySet<unknown> | undefined,
  categoryOf: ReadonlyMap<string | undefined, string | undefined>,
): string | undefined {
  const at = (path: string) => textAt(located, `${pointer}${path}`);
  const isSent = at("/expect/disposition") === "auto_approved";
  const category = at("/expect/category");
  const template = at("/expect/template");
  if (isSent !== (at("/kind") === "auto_send"))
    return 'Kind "auto_send" and disposition "auto_approved" go together. Change one.';
  if (isSent && licensed?.has(category) === false)
    return `It expects to be sent, but ${quoted(category ?? "no category")} is not under autoSend in policy.yaml.`;
  const owner = categoryOf.get(template);
  if (category !== undefined && owner !== undefined && owner !== category)
    return `The template ${quoted(template ?? "")} belongs to ${quoted(owner)}, not to ${quoted(category)}.`;
  return undefined;
}
