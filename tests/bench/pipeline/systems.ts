import { graphileWorker } from "./graphile-worker.ts";
import { plain, withJobs } from "./ours.ts";
import { pgBossChain } from "./pg-boss-chain.ts";
import type { System } from "./system.ts";
import { usualKafkajs } from "./usual-kafkajs.ts";

export const SYSTEMS: Readonly<Record<string, System>> = {
  ours: plain,
  "ours-jobs": withJobs,
  "usual-kafkajs": usualKafkajs,
  "pg-boss": pgBossChain,
  "graphile-worker": graphileWorker,
};
