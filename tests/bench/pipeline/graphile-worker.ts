import { type TaskList, type WorkerUtils, makeWorkerUtils, run } from "graphile-worker";
import {
  type Pipeline,
  type Place,
  STEPS,
  type System,
  type Ticket,
  effectOf,
  effectsCount,
  effectsTables,
  peerPool,
} from "./system.ts";

const CONCURRENCY = 24;
const LOCAL_QUEUE = 500;
const taskOf = (step: number): string => `step_${step}`;

/** A task a step; the effect and the next step's job are one transaction, and an effect that is repeated changes nothing. */
export const graphileWorker: System = {
  title: "graphile-worker",
  settings: [
    `concurrentJobs ${CONCURRENCY}, localQueue ${LOCAL_QUEUE}, completions and failures in batches (worker.graphile.org, "Performance")`,
    "effect and add_job in one transaction; no line of log for each job (NO_LOG_SUCCESS, as in its own performance test)",
    "what a killed process held is unlocked by the next one (forceUnlockWorkers), else it would be held for four hours; no broker: the fifth step tells through a sixth task",
  ],
  effects: effectsCount(),
  open,
};

async function open({ databaseUrl, onDone }: Place): Promise<Pipeline> {
  const pool = peerPool(databaseUrl, CONCURRENCY + 6);
  const utils: WorkerUtils = await makeWorkerUtils({ pgPool: pool });
  await utils.migrate();
  await pool.query(effectsTables());
  const tasks: TaskList = Object.fromEntries([
    ...STEPS.map((step) => [
      taskOf(step),
      async (payload: unknown, helpers: Parameters<NonNullable<TaskList[string]>>[1]) => {
        // Jobs are made below and nowhere else.
        const ticket = payload as Ticket;
        await helpers.withPgClient(async (client) => {
          const begun = client.query("begin");
          begun.catch(() => undefined);
          try {
            await Promise.all([
              client.query(effectOf(step, ticket)),
              client.query({
                name: "add_job",
                text: "select graphile_worker.add_job($1, $2::json)",
                values: [taskOf(step + 1), JSON.stringify(ticket)],
              }),
            ]);
            await begun;
            await client.query("commit");
          } catch (error) {
            await client.query("rollback");
            throw error;
          }
        });
      },
    ]),
    [taskOf(STEPS.length + 1), (payload: unknown) => onDone((payload as Ticket).id)],
  ]);
  let runner: Awaited<ReturnType<typeof run>> | undefined;

  return {
    submit: async (tickets) => {
      await utils.addJobs(tickets.map((ticket) => ({ identifier: taskOf(1), payload: ticket })));
    },
    async run() {
      // Nobody else works on this database.
      const { rows } = await pool.query<{ worker: string }>(
        "select distinct locked_by as worker from graphile_worker.jobs where locked_by is not null",
      );
      if (rows.length > 0) await utils.forceUnlockWorkers(rows.map(({ worker }) => worker));
      runner = await run({
        pgPool: pool,
        taskList: tasks,
        noHandleSignals: true,
        preset: {
          worker: {
            concurrentJobs: CONCURRENCY,
            localQueue: { size: LOCAL_QUEUE },
            completeJobBatchDelay: 0,
            failJobBatchDelay: 0,
          },
        },
      });
    },
    async stop() {
      await runner?.stop();
      await utils.release();
      await pool.end();
    },
  };
}
