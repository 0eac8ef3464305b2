import { sha256Hex } from "@opsdesk/identity";
import { PgBoss } from "pg-boss";
import {
  type Pipeline,
  type Place,
  STEPS,
  type System,
  type Ticket,
  effectsCount,
  effectsOf,
  effectsTables,
  peerPool,
} from "./system.ts";

const BATCH = 200;
const POLL_MS = 500;
const queueOf = (step: number): string => `step-${step}`;

/** A queue a step; a batch's effects, its completion and the next step's jobs are one transaction. */
export const pgBossChain: System = {
  title: "pg-boss chain",
  settings: [
    `fetch, effects, insert of the next jobs and complete in batches of ${BATCH}, in one transaction (pg-boss, the option \`db\` of fetch, insert and complete)`,
    `no polling between batches: whoever inserts wakes the next step's worker in this process, also one that is just looking; else polled every ${POLL_MS} ms, its smallest`,
    "scheduling and telemetry off, which nothing here uses; no broker: the fifth step tells through a queue of its own",
  ],
  effects: effectsCount(),
  open,
};

async function open({ databaseUrl, onDone }: Place): Promise<Pipeline> {
  const pool = peerPool(databaseUrl, 20);
  const boss = new PgBoss({
    connectionString: databaseUrl,
    max: 20,
    schedule: false,
    openTelemetry: { enabled: false },
  });
  boss.on("error", () => undefined);
  await boss.start();
  for (const step of [...STEPS, 6]) await boss.createQueue(queueOf(step), { retryLimit: 1_000, expireInSeconds: 30 });
  await pool.query(effectsTables());
  const stopping = new AbortController();
  /** Steps that were given jobs since they last looked. */
  const given = new Set<number>();
  const waiting = new Map<number, () => void>();
  let loops: Promise<unknown> = Promise.resolve();

  const wake = (step: number): void => {
    given.add(step);
    waiting.get(step)?.();
  };
  const pause = (step: number): Promise<void> =>
    given.has(step) || stopping.signal.aborted
      ? Promise.resolve()
      : new Promise((resolve) => {
          const timer = setTimeout(resolve, POLL_MS);
          waiting.set(step, () => {
            clearTimeout(timer);
            resolve();
          });
        });

  /** Answers what it has taken, done and handed on, all of it in one transaction. */
  const turn = async (step: number): Promise<readonly Ticket[]> => {
    const client = await pool.connect();
    const db = {
      executeSql: (text: string, values?: unknown[]) =>
        client.query({ text, ...(values === undefined ? {} : { values, name: sha256Hex(text).slice(0, 32) }) }),
    };
    try {
      const begun = client.query("begin");
      begun.catch(() => undefined);
      const jobs = await boss.fetch<Ticket>(queueOf(step), { batchSize: BATCH, db });
      const tickets = jobs.map(({ data }) => data);
      if (jobs.length > 0) {
        const ids = jobs.map(({ id }) => id);
        await Promise.all([
          ...(step > STEPS.length
            ? []
            : [
                client.query(effectsOf(step, tickets)),
                boss.insert(
                  queueOf(step + 1),
                  tickets.map((data) => ({ data })),
                  { db },
                ),
              ]),
          boss.complete(queueOf(step), ids, null, { db }),
        ]);
      }
      await begun;
      await client.query("commit");
      return tickets;
    } catch (error) {
      await client.query("rollback");
      throw error;
    } finally {
      client.release();
    }
  };

  const loop = async (step: number): Promise<void> => {
    while (!stopping.signal.aborted) {
      given.delete(step);
      const tickets = await turn(step);
      if (tickets.length === 0) await pause(step);
      else if (step > STEPS.length) for (const { id } of tickets) onDone(id);
      else wake(step + 1);
    }
  };

  return {
    submit: async (tickets) => {
      await boss.insert(
        queueOf(1),
        tickets.map((ticket) => ({ data: ticket })),
      );
      wake(1);
    },
    run() {
      loops = Promise.all([...STEPS, 6].map(loop));
      return Promise.resolve();
    },
    async stop() {
      stopping.abort();
      for (const end of waiting.values()) end();
      await loops;
      await boss.stop({ graceful: false });
      await pool.end();
    },
  };
}
