import { dbos } from "./dbos.ts";
import { graphileWorker } from "./graphile-worker.ts";
import { onOtherClients, plain, plainOnDisk, withJobs } from "./ours.ts";
import { pgBossChain } from "./pg-boss-chain.ts";
import { restate } from "./restate.ts";
import type { System } from "./system.ts";
import { usualKafkajs } from "./usual-kafkajs.ts";

const compared: Readonly<Record<string, System>> = {
  ours: plain,
  "ours-jobs": withJobs,
  "ours-on-disk": plainOnDisk,
  "usual-kafkajs": usualKafkajs,
  "pg-boss": pgBossChain,
  dbos,
  restate,
  "graphile-worker": graphileWorker,
};

/** What is measured where nothing else is said. */
export const COMPARED = Object.keys(compared);

export const SYSTEMS: Readonly<Record<string, System>> = { ...compared, ...onOtherClients };
