import { TransientError } from "@opsdesk/errors";
import { type AnyJobStep, type Clock, isoTime, type Job, job } from "@opsdesk/messaging";
import { answerRetrieval, failedRetrieval, type RetrievalRun, waitsForIndexing } from "../decide/answer-retrieval.ts";
import type { Answer } from "../decide/assemble.ts";
import type { Answering } from "../decide/degraded.ts";
import type { SharedTicket, StormPolicy } from "../decide/incident.ts";
import type { RetrievalRequest, RetrieveContext } from "../decide/start-retrieval.ts";
import { edgesMerged } from "../decide/ticket-edges.ts";
import { type GuardedGraph, neighbourhood } from "../neighbourhood.ts";
import { search, type SearchPorts } from "../search.ts";
import { edgesKept } from "../store/graph.ts";
import { requestKey, requestsByKey, runsRecorded, type StoredRequest } from "../store/requests.ts";

interface Searched {
  readonly request: RetrievalRequest;
  readonly firstVersionsWaiting: number;
  readonly answer: Answer;
  readonly shared: readonly SharedTicket[];
  readonly answering: Answering;
}

interface State {
  readonly byKey: ReadonlyMap<string, Searched>;
  /** Set where the search itself failed: every job of the batch is tried again. */
  readonly failure?: Error;
  readonly startedAt: string;
  readonly latencyMs: number;
}

export interface RetrievePorts extends SearchPorts {
  readonly clock: Clock;
  /** Absent: Postgres holds the graph. */
  readonly graph?: GuardedGraph | undefined;
  readonly storm: StormPolicy;
}

const keyOf = ({ tenant, data }: Job<RetrieveContext>): string => requestKey({ tenant, ...data });

const requestOf = (row: StoredRequest): RetrievalRequest => ({ ...row, requestedAt: row.requestedAt.toISOString() });

/** Finds what supports an answer to a ticket: only what customers may read, in the ticket's language, quotable now. */
export const retrieveContext = (ports: RetrievePorts): AnyJobStep => {
  const { clock, embeddings, graph, policy, storm } = ports;
  return job<RetrieveContext, State, RetrievalRun>("retrieve.context", {
    load: async (read, jobs) => {
      const startedAt = isoTime(clock);
      const from = clock.now();
      const rows = await requestsByKey(
        read,
        jobs.map(({ tenant, data }) => ({ tenant, ...data })),
        startedAt,
      );
      const requests = [...rows.values()];
      try {
        const [searched, around] = await Promise.all([
          search(
            read,
            ports,
            requests.map(({ tenant, searchText, locale, preferredSources }) => ({
              tenant,
              text: searchText,
              locale,
              preferredSources,
              filters: { locale, audience: "customer" },
              limit: policy.evidenceMax,
            })),
            startedAt,
          ),
          neighbourhood(
            read,
            graph,
            requests.map(({ tenant, ticketId, anchors, requestedAt }) => ({
              tenant,
              ticketId,
              anchors,
              at: requestedAt.toISOString(),
            })),
            storm,
          ),
        ]);
        const answering: Answering = {
          lexical: searched.lexical,
          graph: around.store,
          degraded: [...searched.degraded, ...around.degraded],
        };
        const byKey = new Map(
          requests.flatMap((row, index) => {
            const answer = searched.answers[index];
            return answer === undefined
              ? []
              : [
                  [
                    requestKey(row),
                    {
                      request: requestOf(row),
                      firstVersionsWaiting: row.firstVersionsWaiting,
                      answer,
                      shared: around.shared[index] ?? [],
                      answering,
                    },
                  ],
                ];
          }),
        );
        return { byKey, startedAt, latencyMs: clock.now() - from };
      } catch (error) {
        // Thrown by `run`, so that the job's retries and its last word (`exhausted`) apply.
        return {
          byKey: new Map(),
          failure: error instanceof Error ? error : new Error(String(error)),
          startedAt,
          latencyMs: clock.now() - from,
        };
      }
    },
    run: (one, { byKey, failure, ...times }, { now }) => {
      if (failure !== undefined) throw failure;
      const searched = byKey.get(keyOf(one));
      if (searched === undefined)
        throw new TransientError("request_unknown", `no request is kept for ticket ${one.data.ticketId}`);
      const { request, firstVersionsWaiting, answer, answering, shared } = searched;
      return (
        waitsForIndexing(request, firstVersionsWaiting, now) ??
        answerRetrieval(one, request, answer, { shared, storm }, answering, policy, embeddings.model, times)
      );
    },
    save: (rows) => ({ writes: [runsRecorded(rows), ...edgesKept(edgesMerged(rows.flatMap(({ edges }) => edges)))] }),
    exhausted: (one, error, _state, { now }) => {
      const code = "code" in error && typeof error.code === "string" ? error.code : "unexpected";
      return failedRetrieval(one, code, policy, embeddings.model, now);
    },
    retry: { limit: 5, delaySeconds: 1, delaySecondsMax: 30, timeoutSeconds: 20 },
    concurrency: 64,
  });
};
