import { prefixedId } from "@opsdesk/identity";
import type { Desks } from "@opsdesk/desk";
import { type AnyJobStep, type Job, job } from "@opsdesk/messaging/job";
import { ignore } from "@opsdesk/messaging/outcome";
import { type AnsweredBefore, foundBefore } from "../decide/answered-before.ts";
import { refuseTriage } from "../decide/closed-lists.ts";
import { toldText, unansweredAsWritten, unansweredText } from "../decide/conversation.ts";
import { type TurnRows, endTriage, endTurn, failedWith, foundBy } from "../decide/end-turn.ts";
import { keepWrittenRules } from "../decide/keep-written-rules.ts";
import type { Model, TriageInput } from "../decide/model.ts";
import { NO_MODEL } from "../decide/propose.ts";
import { type RunFacts, reasonOf, runOf } from "../decide/run-record.ts";
import { type TurnJob, baseTenant } from "../decide/ticket.ts";
import { triageByRules } from "../decide/triage-by-rules.ts";
import { whyNotRun } from "../decide/why-not-run.ts";
import { routersInUse } from "../store/router-models.ts";
import { MODEL_RETRY, askModel, inputWith, notAsked } from "./ask-model.ts";
import { readTriage } from "./model-output.ts";
import { type Loaded, type Turns, later, loadTurns, loadedFor, saveTurns } from "./turns.ts";

interface State extends Turns {
  readonly routers: ReadonlyMap<string, NonNullable<TriageInput["router"]>>;
}

const QUEUE = "triage.ticket";

function inputFor({ known, ticket, turn }: Loaded, router: TriageInput["router"]): TriageInput {
  const { business, categories, signals } = known.desk;
  return {
    subject: ticket.body.facts.subject,
    text: unansweredText(ticket, turn.conversationVersion),
    written: unansweredAsWritten(ticket, turn.conversationVersion),
    told: toldText(ticket, turn.conversationVersion),
    customerName: ticket.body.facts.customer.name,
    priority: ticket.body.facts.priority,
    categories,
    signals,
    deskLanguage: business.locale.slice(0, 2),
    router,
  };
}

/** The run's facts that are known before anybody is asked. Desk and router go in by name: they do not change under it. */
const runFacts = (own: Job<TurnJob>, { known }: Loaded, input: TriageInput, model: Model, startedAt: string) =>
  ({
    jobId: own.root,
    attempt: own.attempt,
    job: QUEUE,
    model: model.name,
    startedAt,
    input: {
      subject: input.subject,
      text: input.text,
      written: input.written,
      told: input.told,
      priority: input.priority,
      desk: { tenant: known.tenant, version: known.version },
      router: input.router?.modelId ?? null,
    },
  }) satisfies Partial<RunFacts>;

/** What an enquiry is about: the model's answer, checked, becomes `ticket.triaged`; an outdated version ends here. */
export const triageTicket = (ports: {
  readonly model: Model;
  readonly desks: Desks;
  readonly concurrency: number;
  /** Nothing but after a restore. */
  readonly before?: () => AnsweredBefore;
}): AnyJobStep =>
  job<TurnJob, State, TurnRows>(QUEUE, {
    load: async (read, jobs) => ({
      ...(await loadTurns(read, ports.desks, jobs, false)),
      routers: await routersInUse(read, [...new Set(jobs.map(({ tenant }) => baseTenant(tenant)))]),
    }),
    run: async (own, state, { now, signal }) => {
      const loaded = loadedFor(own, state);
      if (loaded === undefined) return ignore("turn_unknown");
      const { known, ticket, turn } = loaded;
      if (turn.stage !== "received" || turn.round !== own.data.round) return ignore("already_triaged");
      const before = ports.before?.();
      const ended = before?.endings.get(prefixedId("drf", own.root));
      if (ended !== undefined) return endTurn(ticket, turn, ended);
      const triagedBefore = before === undefined ? undefined : foundBefore(before, own.root);
      if (triagedBefore !== undefined) return endTriage(ticket, turn, triagedBefore.found, triagedBefore.run);
      const notRun = whyNotRun(known.desk, ticket, turn.conversationVersion);
      if (notRun !== undefined)
        return endTurn(ticket, turn, {
          draftId: prefixedId("drf", own.root),
          outcome: "not_run",
          reason: notRun,
          model: NO_MODEL,
          runs: [],
        });
      const input = inputFor(loaded, state.routers.get(baseTenant(own.tenant)) ?? null);
      const { model } = ports;
      const asked = await askModel(
        () => model.triage(input, signal),
        readTriage,
        (output) => refuseTriage(output, input),
        model.promptVersion,
      );
      const found =
        asked.output === undefined
          ? failedWith(asked.refusal ?? "output_invalid", triageByRules(input, undefined))
          : foundBy(keepWrittenRules(asked.output, input));
      const facts = runFacts(own, loaded, input, model, now);
      const run = runOf({
        ...facts,
        ...asked,
        input: inputWith(facts.input, asked),
        output: asked.raw,
        outcome: found.outcome === "triaged" ? "succeeded" : found.outcome,
        ...(found.reason === undefined ? {} : { reason: found.reason }),
      });
      return endTriage(ticket, turn, found, run);
    },
    save: saveTurns,
    exhausted: (own, error, state, { now, ran }) => {
      const loaded = loadedFor(own, state);
      if (ran || loaded === undefined) return later(own);
      const input = inputFor(loaded, state.routers.get(baseTenant(own.tenant)) ?? null);
      const reason = reasonOf(error);
      const { model } = ports;
      const run = runOf({
        ...runFacts(own, loaded, input, model, now),
        ...notAsked(model.promptVersion),
        output: undefined,
        outcome: "failed",
        reason,
      });
      return endTriage(loaded.ticket, loaded.turn, failedWith(reason, triageByRules(input, undefined)), run);
    },
    retry: MODEL_RETRY,
    concurrency: ports.concurrency,
  });
