import { prefixedId } from "@opsdesk/identity";
import type { Desks } from "@opsdesk/desk";
import { type AnyJobStep, type Job, job } from "@opsdesk/messaging/job";
import { type Outcome, ignore } from "@opsdesk/messaging/outcome";
import type { Template } from "@opsdesk/schemas/desk";
import type { AnsweredBefore } from "../decide/answered-before.ts";
import { refuseDraft } from "../decide/closed-lists.ts";
import { composeDraft } from "../decide/compose-draft.ts";
import { unansweredText } from "../decide/conversation.ts";
import { type TurnRows, endTurn } from "../decide/end-turn.ts";
import type { DraftInput, DraftOutput, Model } from "../decide/model.ts";
import { type Ending, NO_MODEL } from "../decide/propose.ts";
import { type RunFacts, reasonOf, runOf } from "../decide/run-record.ts";
import { systemValues } from "../decide/system-slots.ts";
import { templatesFor } from "../decide/templates-for.ts";
import type { Triage, TurnJob } from "../decide/ticket.ts";
import { whyNotRun } from "../decide/why-not-run.ts";
import { type Asked, MODEL_RETRY, askModel, inputWith, notAsked } from "./ask-model.ts";
import { readDraft } from "./model-output.ts";
import { type Loaded, type Turns, later, loadTurns, loadedFor, saveTurns } from "./turns.ts";

const QUEUE = "response.template_select";

/** What came of asking, or of not having to ask. */
type Answer = Pick<Asked<DraftOutput>, "raw" | "usage" | "promptVersion" | "latencyMs" | "sent">;
type Verdict = Pick<Ending, "outcome" | "reason" | "draft">;

const inputFor = ({ ticket, turn }: Loaded, triage: Triage, templates: readonly Template[]): DraftInput => ({
  subject: ticket.body.facts.subject,
  text: unansweredText(ticket, turn.conversationVersion),
  customerName: ticket.body.facts.customer.name,
  templates,
  language: triage.language,
  evidence: turn.evidence ?? [],
});

/** Ends the turn with a verdict and the run that led to it. Templates and evidence go into the run by their hashes. */
function endWith(
  own: Job<TurnJob>,
  loaded: Loaded,
  model: Model,
  verdict: Verdict,
  answer: Answer,
  startedAt: string,
  templates: readonly Template[] = [],
): Outcome<TurnRows> {
  const { known, ticket, turn } = loaded;
  const facts: RunFacts = {
    jobId: own.root,
    attempt: own.attempt,
    job: QUEUE,
    outcome: verdict.outcome === "proposed" ? "succeeded" : verdict.outcome === "failed" ? "failed" : "abstained",
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    model: model.name,
    startedAt,
    ...answer,
    output: answer.raw,
    input: inputWith(
      {
        subject: ticket.body.facts.subject,
        text: unansweredText(ticket, turn.conversationVersion),
        categoryId: turn.triage?.categoryId ?? null,
        language: turn.triage?.language ?? "und",
        templates: templates.map((template) => template.version),
        evidence: (turn.evidence ?? []).map(({ citation }) => [citation.chunkId, citation.quoteHash]),
        desk: { tenant: known.tenant, version: known.version },
      },
      answer,
    ),
  };
  return endTurn(ticket, turn, {
    ...verdict,
    draftId: prefixedId("drf", own.root),
    model: { name: model.name, promptVersion: answer.promptVersion },
    runs: [runOf(facts)],
  });
}

function verdictOf({ known, ticket }: Loaded, input: DraftInput, { output, refusal }: Asked<DraftOutput>): Verdict {
  if (output === undefined) return { outcome: "failed", reason: refusal ?? "output_invalid" };
  const template = input.templates.find(({ id }) => id === output.templateId);
  if (output.outcome === "abstained" || template === undefined)
    return { outcome: "abstained", reason: output.reason ?? "template_missing" };
  const { reference, facts } = ticket.body;
  const system = systemValues(known.desk, { reference, customerName: facts.customer.name }, input.language);
  const composed = composeDraft(template, system, output.quotes, input.evidence);
  if (composed.outcome === "abstained") return composed;
  const { sentences, slots } = composed;
  return {
    outcome: "proposed",
    draft: { templateId: template.id, templateVersion: template.version, sentences, slots },
  };
}

/** The draft: an approved template, filled; or the reason why there is none. Every turn that came this far ends here. */
export const responseTemplateSelect = ({
  before,
  concurrency,
  desks,
  model,
}: {
  readonly model: Model;
  readonly desks: Desks;
  readonly concurrency: number;
  /** Nothing but after a restore. */
  readonly before?: () => AnsweredBefore;
}): AnyJobStep =>
  job<TurnJob, Turns, TurnRows>(QUEUE, {
    load: (read, jobs) => loadTurns(read, desks, jobs, true),
    run: async (own, state, { now, signal }) => {
      const loaded = loadedFor(own, state);
      if (loaded === undefined) return ignore("turn_unknown");
      const { known, ticket, turn } = loaded;
      const { triage } = turn;
      if (turn.stage !== "retrieved" || turn.round !== own.data.round || triage === null)
        return ignore("already_ended");
      const draftId = prefixedId("drf", own.root);
      const ended = before?.().endings.get(draftId);
      if (ended !== undefined) return endTurn(ticket, turn, ended);
      const notRun = whyNotRun(known.desk, ticket, turn.conversationVersion);
      if (notRun !== undefined)
        return endTurn(ticket, turn, { draftId, outcome: "not_run", reason: notRun, model: NO_MODEL, runs: [] });
      // What triage could not say ends with triage's own reason; its run has been recorded.
      if (triage.outcome !== "triaged" || triage.categoryId === null)
        return endTurn(ticket, turn, {
          draftId,
          outcome: triage.outcome === "failed" ? "failed" : "abstained",
          reason: triage.reason ?? "category_missing",
          model,
          runs: [],
        });
      const found = templatesFor(known.desk, triage.categoryId, triage.language);
      if (found.outcome === "none")
        return endWith(
          own,
          loaded,
          model,
          { outcome: "abstained", reason: found.reason },
          notAsked(model.promptVersion),
          now,
        );
      const input = inputFor(loaded, triage, found.templates);
      const asked = await askModel(
        () => model.draft(input, signal),
        readDraft,
        (output) => refuseDraft(output, input),
        model.promptVersion,
      );
      return endWith(own, loaded, model, verdictOf(loaded, input, asked), asked, now, found.templates);
    },
    save: saveTurns,
    exhausted: (own, error, state, { now, ran }) => {
      const loaded = loadedFor(own, state);
      if (ran || loaded === undefined) return later(own);
      return endWith(
        own,
        loaded,
        model,
        { outcome: "failed", reason: reasonOf(error) },
        notAsked(model.promptVersion),
        now,
      );
    },
    retry: MODEL_RETRY,
    concurrency,
  });
