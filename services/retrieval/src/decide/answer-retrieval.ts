import { contentHash, prefixedId } from "@opsdesk/identity";
import { type Outcome, defer, done } from "@opsdesk/messaging/outcome";
import type { Run } from "@opsdesk/schemas/common";
import type { ContextRetrieved } from "@opsdesk/schemas/context-retrieved";
import { type Answer, evidenceOf } from "./assemble.ts";
import { type Answering, told } from "./degraded.ts";
import {
  type Incident,
  incidentOf,
  incidentRisk,
  neighboursOf,
  type SharedTicket,
  type StormPolicy,
} from "./incident.ts";
import type { RetrievalPolicy } from "./retrieval-policy.ts";
import type { RetrievalRequest, RetrieveContext } from "./start-retrieval.ts";
import type { Edge } from "./ticket-edges.ts";

/** A run as this service keeps it. */
export interface RetrievalRun {
  readonly tenant: string;
  readonly ticketId: string;
  readonly conversationVersion: number;
  readonly policy: string;
  readonly run: Run;
  /** Found, best first, also where it was too weak to be used. */
  readonly chunkIds: readonly string[];
  /** The ticket and the sources that it was given. */
  readonly edges: readonly Edge[];
}

/** What surrounds a ticket in the graph. */
export interface Surroundings {
  readonly shared: readonly SharedTicket[];
  readonly storm: StormPolicy;
}

export interface RunningJob {
  readonly id: string;
  readonly tenant: string;
  readonly attempt: number;
  readonly data: RetrieveContext;
}

export interface RunTimes {
  readonly startedAt: string;
  readonly latencyMs: number;
}

/** How long a ticket waits for documents that are being indexed for the first time. */
const INDEXING_WAIT_MS_MAX = 10_000;

/** A new desk's documents arrive with its first ticket: an answer computed before they are searchable would be wrong. */
export function waitsForIndexing(
  request: RetrievalRequest,
  firstVersionsWaiting: number,
  now: string,
): Outcome<never> | undefined {
  if (firstVersionsWaiting === 0 || Date.parse(now) - Date.parse(request.requestedAt) > INDEXING_WAIT_MS_MAX)
    return undefined;
  return defer("knowledge_being_indexed", {
    until: `knowledge:${request.tenant}`,
    retryAfterSeconds: 1,
    giveUpAfterSeconds: 60,
  });
}

interface Conclusion {
  readonly outcome: "found" | "weak" | "failed";
  readonly reason?: string;
  readonly evidence: ContextRetrieved["evidence"];
  readonly chunkIds: readonly string[];
  readonly inputHash: string;
  readonly model: string;
  readonly edges?: readonly Edge[];
  readonly context?: Pick<ContextRetrieved, "stores" | "degraded" | "neighbours" | "incident" | "risks">;
}

const RUN_OUTCOMES = { found: "succeeded", weak: "abstained", failed: "failed" } as const;

function concluded(
  job: RunningJob,
  policy: RetrievalPolicy,
  times: RunTimes,
  conclusion: Conclusion,
): Outcome<RetrievalRun> {
  const { outcome, reason, evidence, chunkIds, inputHash, model } = conclusion;
  const run: Run = {
    runId: prefixedId("run", `${job.id}:${job.attempt}`),
    job: "retrieve.context",
    outcome: RUN_OUTCOMES[outcome],
    ...(reason === undefined ? {} : { reason }),
    model,
    promptVersion: policy.id,
    inputHash,
    outputHash: outcome === "failed" ? null : contentHash(evidence),
    inputTokens: 0,
    outputTokens: 0,
    costMicros: 0,
    latencyMs: times.latencyMs,
    startedAt: times.startedAt,
  };
  const { ticketId, reference, aggregateVersion, conversationVersion } = job.data;
  const data: ContextRetrieved = {
    ticketId,
    reference,
    aggregateVersion,
    conversationVersion,
    outcome,
    ...(reason === undefined ? {} : { reason }),
    evidence,
    retrievalPolicy: policy.id,
    runs: [run],
    ...conclusion.context,
  };
  return done({
    rows: {
      tenant: job.tenant,
      ticketId,
      conversationVersion,
      policy: policy.id,
      run,
      chunkIds,
      edges: conclusion.edges ?? [],
    },
    events: [{ type: "context.retrieved", key: ticketId, subject: ticketId, data }],
  });
}

/** What was searched for, by hash: a replay with the same input, policy and knowledge gives the same evidence. */
const inputHashOf = ({ searchText, locale, preferredSources }: RetrievalRequest): string =>
  contentHash({ searchText, locale, preferredSources, audience: "customer" });

/** What the neighbourhood says: earlier tickets, and whether this one is one of many. */
function contextOf(
  { requestedAt, ticketId }: RetrievalRequest,
  { shared, storm }: Surroundings,
): Pick<ContextRetrieved, "neighbours" | "incident" | "risks"> {
  const neighbours = neighboursOf(ticketId, shared);
  const incident: Incident | undefined = incidentOf({ ticketId, at: requestedAt }, shared, storm);
  return {
    ...(neighbours.length === 0 ? {} : { neighbours }),
    ...(incident === undefined ? {} : { incident, risks: [incidentRisk(incident)] }),
  };
}

/** A ticket is joined to what it was given, so that its neighbours can tell what helped. */
const givenEdges = ({ data, tenant }: RunningJob, evidence: ContextRetrieved["evidence"], at: string): Edge[] =>
  [...new Set(evidence.map(({ citation }) => citation.sourceId))].map((target) => ({
    tenant,
    ticketId: data.ticketId,
    kind: "source",
    target,
    reference: data.reference,
    at,
    aggregateVersion: data.aggregateVersion,
  }));

/** Weak evidence is not passed on: what must not be quoted cannot be quoted by mistake. Its ids stay in the run. */
export function answerRetrieval(
  job: RunningJob,
  request: RetrievalRequest,
  answer: Answer,
  surroundings: Surroundings,
  answering: Answering,
  policy: RetrievalPolicy,
  model: string,
  times: RunTimes,
): Outcome<RetrievalRun> {
  const { strength, findings } = answer;
  const evidence = evidenceOf(answer, policy);
  return concluded(job, policy, times, {
    outcome: strength.weak ? "weak" : "found",
    ...(strength.weak ? { reason: strength.reason } : {}),
    evidence,
    edges: givenEdges(job, evidence, request.requestedAt),
    context: { ...told(answering), ...contextOf(request, surroundings) },
    chunkIds: findings.map((finding) => finding.chunkId),
    inputHash: inputHashOf(request),
    model,
  });
}

/** The last attempt has failed: the chain goes on without evidence, and says why. */
export const failedRetrieval = (
  job: RunningJob,
  reason: string,
  policy: RetrievalPolicy,
  model: string,
  startedAt: string,
): Outcome<RetrievalRun> =>
  concluded(
    job,
    policy,
    { startedAt, latencyMs: 0 },
    {
      outcome: "failed",
      reason: reason.slice(0, 300),
      evidence: [],
      chunkIds: [],
      inputHash: contentHash(job.data),
      model,
    },
  );
