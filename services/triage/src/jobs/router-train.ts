import type { Blobs } from "@opsdesk/blobs";
import type { Desks, KnownDesk } from "@opsdesk/desk";
import { RejectedError } from "@opsdesk/errors";
import { type AnyJobStep, type Job, job } from "@opsdesk/messaging/job";
import { type NewEvent, type Outcome, done, ignore } from "@opsdesk/messaging/outcome";
import type { Run } from "@opsdesk/schemas/common";
import type { Trainer } from "../clients/training.ts";
import { planTraining, routerTrained } from "../decide/plan-training.ts";
import { NO_USAGE, reasonOf, runOf } from "../decide/run-record.ts";
import { insertRuns } from "../store/ai-runs.ts";
import { examplesOf } from "../store/examples.ts";
import { type RouterModelRow, routersOf, useRouters } from "../store/router-models.ts";

const QUEUE = "router.train";
const TRAINER = "router-svm";

interface State {
  readonly examples: ReadonlyMap<string, readonly { text: string; categoryId: string }[]>;
  readonly routers: readonly RouterModelRow[];
  readonly desks: ReadonlyMap<string, KnownDesk>;
}

type Router = Omit<RouterModelRow, "usedSince">;

interface Rows {
  readonly tenant: string;
  readonly router: Router | null;
  readonly usedSince: string;
  readonly run: Run | null;
}

export interface TrainPorts {
  readonly trainer: Trainer;
  readonly blobs: Blobs;
  readonly desks: Desks;
  readonly seed: number;
}

const eventOf = (router: Router): NewEvent =>
  routerTrained(router.tenant, {
    modelId: router.modelId,
    artefactHash: router.artefactHash,
    trainedOn: router.trainedOn,
    categories: router.categories,
    heldOut: router.heldOut,
    trainingMs: router.trainingMs,
  });

function recorded(
  { attempt, root, tenant }: Job,
  rest: { outcome: Run["outcome"]; reason?: string; input: unknown; output: unknown; latencyMs: number; at: string },
): { run: Run; event: NewEvent } {
  const { at, ...facts } = rest;
  const run = runOf({
    jobId: root,
    attempt,
    job: QUEUE,
    model: TRAINER,
    promptVersion: TRAINER,
    usage: NO_USAGE,
    startedAt: at,
    ...facts,
  });
  return { run, event: { type: "ai.run.recorded", key: tenant, data: { ticketId: null, run } } };
}

function failed(own: Job, reason: string, input: unknown, now: string): Outcome<Rows> {
  const { event, run } = recorded(own, { outcome: "failed", reason, input, output: undefined, latencyMs: 0, at: now });
  return done({ rows: { tenant: own.tenant, router: null, usedSince: now, run }, events: [event] });
}

/**
 * Learns a desk's categories from its examples. The artefact is stored by its content before the row that names it,
 * so a crash between the two leaves a blob that nobody uses and the next attempt finds again.
 */
export const routerTrain = ({ blobs, desks, seed, trainer }: TrainPorts): AnyJobStep =>
  job<{ set: string }, State, Rows>(QUEUE, {
    load: async (read, jobs) => {
      const tenants = [...new Set(jobs.map(({ tenant }) => tenant))];
      return {
        examples: await examplesOf(read, tenants),
        routers: await routersOf(read, tenants),
        desks: await desks.byTenant(read, tenants),
      };
    },
    run: async (own, state, { now, signal }) => {
      const { tenant } = own;
      const desk = state.desks.get(tenant)?.desk;
      if (desk === undefined)
        return {
          outcome: "defer",
          reason: "desk_not_configured",
          waiting: { until: `desk:${tenant}`, retryAfterSeconds: 5, giveUpAfterSeconds: 600 },
        };
      const plan = planTraining(
        tenant,
        desk,
        state.examples.get(tenant) ?? [],
        state.routers.filter((one) => one.tenant === tenant),
        seed,
      );
      if (plan.plan === "nothing")
        return plan.reason === "same_examples" ? ignore(plan.reason) : failed(own, plan.reason, own.data, now);
      if (plan.plan === "use_again")
        return done({
          rows: { tenant, router: plan.router, usedSince: now, run: null },
          events: [eventOf(plan.router)],
        });
      const { examples, modelId, trainingHash } = plan;
      let trained;
      try {
        trained = await trainer.train({ examples, seed }, signal);
      } catch (error) {
        if (error instanceof RejectedError) return failed(own, reasonOf(error), { trainingHash, seed }, now);
        throw error;
      }
      const { artefact, categories, heldOut, trainedOn, trainingMs } = trained;
      const { ref, sha256 } = await blobs.put(tenant, artefact);
      const router: Router = {
        tenant,
        modelId,
        trainingHash,
        artefactRef: ref,
        artefactHash: sha256,
        trainedOn,
        categories,
        heldOut,
        trainingMs,
      };
      const { event, run } = recorded(own, {
        outcome: "succeeded",
        input: { trainingHash, seed },
        output: sha256,
        latencyMs: trainingMs,
        at: now,
      });
      return done({ rows: { tenant, router, usedSince: now, run }, events: [eventOf(router), event] });
    },
    save: (rows) => {
      // Jobs of a tenant run one after another, so a batch has each router once.
      const routers = rows.filter((row) => row.router !== null);
      return {
        writes: [
          useRouters(
            routers.flatMap(({ router }) => router ?? []),
            routers.map((row) => row.usedSince),
          ),
          insertRuns(
            rows.flatMap(({ run, tenant }) =>
              run === null ? [] : [{ tenant, ticketId: null, conversationVersion: null, run }],
            ),
          ),
        ],
      };
    },
    exhausted: (own, error, _, { now }) => failed(own, reasonOf(error), own.data, now),
    retry: { limit: 3, delaySeconds: 5, delaySecondsMax: 60, timeoutSeconds: 300 },
    concurrency: 1,
  });
