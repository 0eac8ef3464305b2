import type { Problem } from "@opsdesk/schemas/common";
import type { Scenario } from "@opsdesk/schemas/desk";
import type { Observation } from "./observe.ts";
import type { End } from "./queues.ts";
import type { Disposition } from "./record-answer.ts";
import type { ReplyFound } from "./record-reply.ts";

/** What can be wrong with a scenario: `outside_request` is a reply that left for the world outside. */
type ScenarioProblemCode =
  | "disposition_wrong"
  | "category_wrong"
  | "template_wrong"
  | "priority_wrong"
  | "rule_missing"
  | "citation_missing"
  | "fact_missing"
  | "forbidden_text"
  | "outside_request"
  | "reply_missing"
  | "reply_unapproved"
  | End;

export interface Found {
  readonly disposition: Disposition | null;
  readonly observation: Observation | null;
  readonly reply: ReplyFound | null;
}

const problem = (code: ScenarioProblemCode, message: string): Problem => ({ code, message: message.slice(0, 1_000) });

/** Typography apart: an apostrophe or a line break is no other fact. */
const plain = (text: string): string =>
  text.normalize("NFKC").replaceAll(/[‘’]/g, "'").replaceAll(/[“”]/g, '"').toLowerCase().replaceAll(/\s+/g, " ").trim();

export const says = (text: string, wanted: string): boolean => plain(text).includes(plain(wanted));

/** Everything in which a scenario went otherwise than expected: nothing means that it passed. `end` is why one without an answer has none. */
export function judge(
  expect: Scenario["expect"],
  { disposition, observation, reply }: Found,
  end: End,
): readonly Problem[] {
  const outside = [...replyProblems(disposition, reply, end)];
  if (disposition === null || observation === null)
    return [
      problem(
        end,
        end === "run_failed" ? "The run could not be submitted." : "No disposition came before the deadline.",
      ),
      ...outside,
    ];
  const { categoryId, templateId, priority, rules, evidenceSources, draft } = observation;
  const differs = (
    code: ScenarioProblemCode,
    expected: string | null | undefined,
    found: string | null,
  ): readonly Problem[] =>
    expected === null || expected === undefined || expected === found
      ? []
      : [problem(code, `expected ${expected}, found ${found ?? "none"}`)];
  const lacks = (
    code: ScenarioProblemCode,
    expected: readonly string[],
    has: (one: string) => boolean,
  ): readonly Problem[] => expected.filter((one) => !has(one)).map((one) => problem(code, `"${one}" is missing`));
  const texts = [draft ?? "", reply?.text ?? ""];
  return [
    ...differs("disposition_wrong", expect.disposition, disposition),
    ...differs("category_wrong", expect.categoryId, categoryId),
    ...differs("template_wrong", expect.templateId, templateId),
    ...differs("priority_wrong", expect.priority, priority),
    ...lacks("rule_missing", expect.rules, (rule) => rules.includes(rule)),
    ...lacks("citation_missing", expect.citations, (sourceId) => evidenceSources.includes(sourceId)),
    ...lacks("fact_missing", expect.facts, (fact) => says(draft ?? "", fact)),
    ...expect.never
      .filter((text) => texts.some((said) => says(said, text)))
      .map((text) => problem("forbidden_text", `"${text}" must not be said`)),
    ...outside,
  ];
}

function* replyProblems(disposition: Disposition | null, reply: ReplyFound | null, end: End): Generator<Problem> {
  if (reply?.outcome === "sent" && reply.carrier !== "capture")
    yield problem("outside_request", `a reply left by ${reply.carrier ?? "an unknown carrier"}`);
  if (reply?.outcome === "sent" && disposition === "review_required")
    yield problem("reply_unapproved", "a reply left although the gate asked for a person");
  if (disposition === "auto_approved" && reply?.outcome !== "sent")
    yield problem(
      "reply_missing",
      reply === null ? `the approved reply did not leave (${end})` : `the approved reply was ${reply.outcome}`,
    );
}
