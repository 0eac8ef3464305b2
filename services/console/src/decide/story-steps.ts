import type { Envelope } from "@opsdesk/schemas/envelope";
import type { EventOf } from "./projection.ts";
import { ofType } from "./story-events.ts";
import { runsOf } from "./story-runs.ts";

export interface Step {
  readonly step: number;
  readonly title: string;
  readonly happened: boolean;
  /** When all of it had happened. */
  readonly at: string | null;
  /** What there is to show of it so far: ids, hashes and values by name. */
  readonly artefacts: Readonly<Record<string, unknown>>;
}

/** The two jobs of triage that call a model. */
const MODEL_JOBS = ["triage.ticket", "response.template_select"] as const;

/** A ticket may be asked about more than once; its steps are those of the turn that got furthest, the newest of such. */
interface Turn {
  readonly created: EventOf<"ticket.created"> | undefined;
  readonly accepted: EventOf<"enquiry.accepted"> | undefined;
  readonly triaged: EventOf<"ticket.triaged"> | undefined;
  readonly retrieved: EventOf<"context.retrieved"> | undefined;
  readonly proposed: EventOf<"ai.draft.proposed"> | undefined;
  readonly required: EventOf<"ai.draft.review_required"> | undefined;
  readonly gated: EventOf<"ai.draft.review_required" | "ai.draft.auto_approved"> | undefined;
  readonly delivered: EventOf<"webhook.delivered"> | undefined;
  readonly reviewed: EventOf<"ai.draft.reviewed"> | undefined;
}

/** The ten steps of the reference scenario, as far as a ticket's events show them. `events` are in the order of their time. */
export function stepsOf(events: readonly Envelope[]): readonly Step[] {
  const turn = turnOf(events);
  const { created, accepted, triaged, retrieved, proposed, required, delivered, reviewed } = turn;
  return [
    step(1, "The enquiry's raw text is stored first", [created], created === undefined ? {} : stored(created)),
    step(2, "The enquiry is validated, the ticket created, slow work handed to the background", [created, accepted], {
      ticketId: created?.data.ticketId,
      enquiryAcceptedId: accepted?.id,
    }),
    together(events, turn),
    modelRuns(turn),
    step(5, "Policies and playbooks are retrieved", [retrieved?.data.outcome === "found" ? retrieved : undefined], {
      citations: retrieved?.data.evidence.map(({ citation }) => citation.title),
      chunkIds: retrieved?.data.evidence.map(({ citation }) => citation.chunkId),
      retrievalPolicy: retrieved?.data.retrievalPolicy,
      stores: retrieved?.data.stores?.map(({ leg, store }) => `${leg}: ${store}`),
      degraded: retrieved?.data.degraded?.map(({ leg, reason, store }) => `${leg}: ${store} ${reason}`),
      neighbours: retrieved?.data.neighbours?.map(({ reference }) => reference),
      incident: retrieved?.data.risks?.map(({ detail }) => detail).join(" ") || undefined,
    }),
    step(
      6,
      "The model returns structured output",
      [
        triaged?.data.outcome === "triaged" ? triaged : undefined,
        proposed?.data.outcome === "proposed" ? proposed : undefined,
      ],
      {
        model: proposed?.data.model,
        categoryId: triaged?.data.categoryId,
        priority: triaged?.data.priority,
        summary: triaged?.data.summary,
        missingInformation: proposed?.data.missingInformation.map(({ question }) => question),
        risks: proposed?.data.risks.map(({ id }) => id),
        templateId: proposed?.data.templateId,
        confidence: proposed?.data.confidence,
        costMicros: [...(triaged?.data.runs ?? []), ...(proposed?.data.runs ?? [])].reduce(
          (total, run) => total + run.costMicros,
          0,
        ),
      },
    ),
    step(7, "The gate asks for a person's review", [required], {
      reviewId: required?.data.reviewId,
      owner: required?.data.owner.name,
      ownerId: required?.data.owner.id,
      rules: required?.data.reasons.map(({ rule }) => rule),
      dueBy: required?.data.dueBy,
      status: required === undefined ? undefined : (reviewed?.data.decision ?? "pending"),
    }),
    step(8, "ai.draft.review_required is published", [required], {
      eventId: required?.id,
      correlationId: required?.correlationid,
      schemaVersion: required?.schemaversion,
      producer: required?.source,
      idempotencyKey: required?.idempotencykey,
    }),
    step(9, "The CRM receives a signed webhook", [delivered], {
      deliveryId: delivered?.data.deliveryId,
      endpoint: delivered?.data.endpointName,
      httpStatus: delivered?.data.status,
      attempts: delivered?.data.attempts,
      url: delivered?.data.url,
    }),
    step(10, "A person decides with the draft, the missing information and the evidence at hand", [reviewed], {
      decisionId: reviewed?.data.decisionId,
      decision: reviewed?.data.decision,
      actor: reviewed?.data.actor.name ?? reviewed?.data.actor.id,
      reviewedEventId: reviewed?.id,
      calls: ofType(events, "contact.logged").map(({ data }) => data.contactId),
    }),
  ];
}

function turnOf(events: readonly Envelope[]): Turn {
  const triagedAll = ofType(events, "ticket.triaged");
  const requiredAll = ofType(events, "ai.draft.review_required");
  const proposedAll = ofType(events, "ai.draft.proposed");
  const newest = Math.max(
    ...([requiredAll, proposedAll, triagedAll]
      .find((some) => some.length > 0)
      ?.map(({ data }) => data.conversationVersion) ?? [1]),
  );
  const of = <E extends { readonly data: { readonly conversationVersion: number } }>(
    some: readonly E[],
  ): E | undefined => some.find(({ data }) => data.conversationVersion === newest);
  const required = of(requiredAll);
  return {
    created: ofType(events, "ticket.created")[0],
    accepted: ofType(events, "enquiry.accepted")[0],
    triaged: of(triagedAll),
    retrieved: of(ofType(events, "context.retrieved")),
    proposed: of(proposedAll),
    required,
    gated: required ?? of(ofType(events, "ai.draft.auto_approved")),
    delivered: ofType(events, "webhook.delivered").find(
      ({ data }) => required !== undefined && data.eventId === required.id,
    ),
    reviewed: ofType(events, "ai.draft.reviewed").find(
      ({ data }) => required !== undefined && data.reviewId === required.data.reviewId,
    ),
  };
}

const stored = ({ data }: EventOf<"ticket.created">) => ({
  reference: data.reference,
  messageId: data.message.id,
  textHash: data.message.textHash,
  source: data.source,
  externalId: data.externalId,
});

/** Ticket, draft, follow-up, run and the gate's record carry one ticket id: they are all in this ticket's story. */
function together(events: readonly Envelope[], { created, gated, proposed, triaged }: Turn): Step {
  const followUp = [...ofType(events, "followup.suggested"), ...ofType(events, "followup.changed")][0];
  const run = (triaged?.data.runs ?? [])[0] ?? (proposed?.data.runs ?? [])[0];
  const withRun = triaged?.data.runs.length ? triaged : proposed;
  return step(
    3,
    "Ticket, draft, follow-up, AI run and audit record share one ticket id",
    [created, proposed, followUp, run === undefined ? undefined : withRun, gated],
    {
      ticketId: created?.data.ticketId,
      draftId: proposed?.data.draftId,
      followUpId:
        followUp === undefined
          ? undefined
          : "followUpId" in followUp.data
            ? followUp.data.followUpId
            : followUp.data.suggestionId,
      runId: run?.runId,
      auditedDecisionHash: gated?.data.decisionHash,
    },
  );
}

function modelRuns({ proposed, triaged }: Turn): Step {
  const carriers = [triaged, proposed].filter((event) => event !== undefined);
  const runs = runsOf(carriers);
  const ran = MODEL_JOBS.every((job) => runs.some((run) => run.job === job && run.outcome !== "failed"));
  return step(4, "triage.ticket, then response.template_select, run as retryable jobs", ran ? carriers : [undefined], {
    runs: MODEL_JOBS.flatMap((job) => runs.filter((run) => run.job === job).map((run) => run.runId)),
    jobs: runs.map((run) => `${run.job}: ${run.outcome}`),
  });
}

/** Happened once all of its events are there; artefacts that are not there yet are left out. */
function step(
  number: number,
  title: string,
  needed: readonly ({ readonly time: string } | undefined)[],
  artefacts: Record<string, unknown>,
): Step {
  const present = needed.filter((event) => event !== undefined);
  const happened = present.length === needed.length;
  const at = happened ? new Date(Math.max(...present.map(({ time }) => Date.parse(time)))).toISOString() : null;
  return {
    step: number,
    title,
    happened,
    at,
    artefacts: Object.fromEntries(
      Object.entries(artefacts).filter(([, value]) => value !== undefined && value !== null),
    ),
  };
}
