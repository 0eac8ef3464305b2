import { dbos } from "./dbos.ts";
import { graphileWorker } from "./graphile-worker.ts";
import { plain, withJobs } from "./ours.ts";
import { pgBossChain } from "./pg-boss-chain.ts";
import { restate } from "./restate.ts";
import type { System } from "./system.ts";
import { usualKafkajs } from "./usual-kafkajs.ts";

export const SYSTEMS: Readonly<Record<string, System>> = {
  ours: plain,
  "ours-jobs": withJobs,
  "usual-kafkajs": usualKafkajs,
  "pg-boss": pgBossChain,
  dbos,
  restate,
  "graphile-worker": graphileWorker,
};
