import { DBOS, DBOSClient } from "@dbos-inc/dbos-sdk";
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

const CONNECTIONS = 20;
const QUEUE_CONCURRENCY = 256;
const POLL_MS = 100;
const APPLICATION = "bench";
const QUEUE = "tickets";
const WORKFLOW = "ticket";

/** A workflow a ticket, with five steps that DBOS checkpoints; each writes its effect with one statement that may be repeated. */
export const dbos: System = {
  title: "DBOS Transact",
  settings: [
    'a workflow of five DBOS.runStep steps (docs.dbos.dev, "Learn DBOS TypeScript"); a data source would commit effect and checkpoint together, and its own step writes a checkpoint besides; that for Knex does not load with this release',
    `workflows start at once in this process; a backlog goes through a queue of ${QUEUE_CONCURRENCY} at a time, polled every ${POLL_MS} ms instead of every second (docs.dbos.dev, "Queues")`,
    `${CONNECTIONS} connections for its own tables and ${CONNECTIONS} for the effects; tracing off; no broker: the end of the workflow tells`,
  ],
  effects: effectsCount(),
  open,
};

async function open({ databaseUrl, onDone }: Place): Promise<Pipeline> {
  const pool = peerPool(databaseUrl, CONNECTIONS);
  await pool.query(effectsTables());
  const workflow = DBOS.registerWorkflow(
    async (ticket: Ticket) => {
      for (const step of STEPS)
        await DBOS.runStep(
          async () => {
            await pool.query(effectOf(step, ticket));
          },
          { name: `store-${step}` },
        );
      onDone(ticket.id);
    },
    { name: WORKFLOW },
  );
  DBOS.setConfig({
    name: APPLICATION,
    systemDatabaseUrl: databaseUrl,
    systemDatabasePoolSize: CONNECTIONS,
    // The same after a kill: then it takes up what it had begun.
    applicationVersion: "1",
    executorID: "one",
    logLevel: "error",
  });
  let client: DBOSClient | undefined;
  let running = false;

  return {
    async submit(tickets) {
      if (running) {
        await Promise.all(tickets.map((ticket) => DBOS.startWorkflow(workflow, { workflowID: ticket.id })(ticket)));
        return;
      }
      client ??= await prepared(databaseUrl);
      const queued = client;
      await Promise.all(
        tickets.map((ticket) =>
          queued.enqueue<(ticket: Ticket) => Promise<void>>(
            { queueName: QUEUE, workflowName: WORKFLOW, workflowID: ticket.id },
            ticket,
          ),
        ),
      );
    },
    async run() {
      await DBOS.launch();
      await DBOS.registerQueue(QUEUE, { workerConcurrency: QUEUE_CONCURRENCY, minPollingIntervalMs: POLL_MS });
      running = true;
    },
    async stop() {
      await client?.destroy();
      await DBOS.shutdown();
      await pool.end();
    },
  };
}

/** Its tables are made when it starts, and a backlog is there before that. */
async function prepared(databaseUrl: string): Promise<DBOSClient> {
  await DBOS.launch();
  await DBOS.shutdown();
  return DBOSClient.create({
    systemDatabaseUrl: databaseUrl,
    systemDatabasePoolSize: CONNECTIONS,
    applicationName: APPLICATION,
  });
}
