import { type TaskList, type WorkerUtils, makeWorkerUtils, run } from "graphile-worker";
import pg from "pg";
import { type Pipeline, type Place, STEPS, type System, type Ticket, effectsCount, effectsTables } from "./system.ts";

const CONCURRENCY = 24;
const LOCAL_QUEUE = 500;
const taskOf = (step: number): string => `step_${step}`;

/** A task a step; the effect and the next step's job are one transaction, whose job key makes a repeat harmless. */
export const graphileWorker: System = {
  title: "graphile-worker",
  settings: [
    `concurrentJobs ${CONCURRENCY}, localQueue ${LOCAL_QUEUE}, completions and failures in batches (worker.graphile.org, "Performance")`,
    "effect and add_job in one transaction, with the ticket as job key; no broker: the fifth step tells through a sixth task",
  ],
  effects: effectsCount(),
  open,
};

async function open({ databaseUrl, onDone }: Place): Promise<Pipeline> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: CONCURRENCY + 6 });
  // A connection that the server ends is replaced; unheard, it would end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => void client.on("error", () => undefined));
  const utils: WorkerUtils = await makeWorkerUtils({ pgPool: pool });
  await utils.migrate();
  await pool.query(effectsTables());
  const tasks: TaskList = Object.fromEntries([
    ...STEPS.map((step) => [
      taskOf(step),
      async (payload: unknown, helpers: Parameters<NonNullable<TaskList[string]>>[1]) => {
        // Jobs are made below and nowhere else.
        const { id, text } = payload as Ticket;
        await helpers.withPgClient(async (client) => {
          await client.query("begin");
          try {
            await client.query(`insert into effects_${step} (ticket, body) values ($1, $2) on conflict do nothing`, [
              id,
              text,
            ]);
            await client.query("select graphile_worker.add_job($1, $2::json, job_key => $3)", [
              taskOf(step + 1),
              JSON.stringify({ id, text }),
              `${step + 1}:${id}`,
            ]);
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
      await utils.addJobs(
        tickets.map((ticket) => ({ identifier: taskOf(1), payload: ticket, jobKey: `1:${ticket.id}` })),
      );
    },
    async run() {
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
