import pg from "pg";
import { PgBoss } from "pg-boss";
import { type Pipeline, type Place, STEPS, type System, type Ticket, effectsCount, effectsTables } from "./system.ts";

const BATCH = 100;
const queueOf = (step: number): string => `step-${step}`;

/** A queue a step; a batch's effects, its completion and the next step's jobs are one transaction. */
export const pgBossChain: System = {
  title: "pg-boss chain",
  settings: [
    `fetch, effects, insert of the next jobs and complete in batches of ${BATCH}, in one transaction (pg-boss, "Transactions" and "insert")`,
    "no polling between batches: whoever inserts wakes the next step's worker in this process; else polled every 500 ms, its smallest",
    "supervision and scheduling off; no broker: the fifth step tells through a queue of its own",
  ],
  effects: effectsCount(),
  open,
};

async function open({ databaseUrl, onDone }: Place): Promise<Pipeline> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 20 });
  const boss = new PgBoss({ connectionString: databaseUrl, max: 20, supervise: false, schedule: false });
  boss.on("error", () => undefined);
  await boss.start();
  for (const step of [...STEPS, 6]) await boss.createQueue(queueOf(step), { retryLimit: 1_000, expireInSeconds: 30 });
  await pool.query(effectsTables());
  const stopping = new AbortController();
  const wake = new Map<number, () => void>();
  let loops: Promise<unknown> = Promise.resolve();

  const pause = (step: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, 500);
      wake.set(step, () => {
        clearTimeout(timer);
        resolve();
      });
    });

  const loop = async (step: number): Promise<void> => {
    while (!stopping.signal.aborted) {
      const jobs = await boss.fetch<Ticket>(queueOf(step), { batchSize: BATCH });
      if (jobs.length === 0) {
        await pause(step);
        continue;
      }
      const client = await pool.connect();
      const db = { executeSql: (text: string, values?: unknown[]) => client.query(text, values) };
      try {
        await client.query("begin");
        if (step <= STEPS.length) {
          await client.query(
            `insert into effects_${step} (ticket, body) select * from unnest($1::text[], $2::text[]) on conflict do nothing`,
            [jobs.map(({ data }) => data.id), jobs.map(({ data }) => data.text)],
          );
          await boss.insert(
            queueOf(step + 1),
            jobs.map(({ data }) => ({ data })),
            { db },
          );
        }
        await boss.complete(
          queueOf(step),
          jobs.map(({ id }) => id),
          null,
          { db },
        );
        await client.query("commit");
      } catch (error) {
        await client.query("rollback");
        throw error;
      } finally {
        client.release();
      }
      if (step > STEPS.length) for (const { data } of jobs) onDone(data.id);
      else wake.get(step + 1)?.();
    }
  };

  return {
    submit: async (tickets) => {
      await boss.insert(
        queueOf(1),
        tickets.map((ticket) => ({ data: ticket })),
      );
      wake.get(1)?.();
    },
    run() {
      loops = Promise.all([...STEPS, 6].map(loop));
      return Promise.resolve();
    },
    async stop() {
      stopping.abort();
      for (const end of wake.values()) end();
      await loops;
      await boss.stop({ graceful: false });
      await pool.end();
    },
  };
}
