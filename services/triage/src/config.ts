import { RejectedError } from "@opsdesk/errors";
import type { Environment } from "@opsdesk/service";
import { TEMPLATE_ROUTER } from "./clients/template-router.ts";

export interface TriageConfig {
  /** The model that triages and drafts. */
  readonly model: typeof TEMPLATE_ROUTER;
  /** Of training: the same examples and seed make the same artefact. */
  readonly routerSeed: number;
  /** Jobs of one queue that run at once. */
  readonly jobsMax: number;
}

const whole = (text: string, min: number, max: number): boolean =>
  /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max;

/** Throws RejectedError `config_invalid` that names every problem at once. */
export function readConfig(environment: Environment): TriageConfig {
  const {
    MODEL: model = TEMPLATE_ROUTER,
    TRIAGE_JOBS_MAX: jobsMax = "50",
    TRIAGE_ROUTER_SEED: seed = "1",
  } = environment;
  const problems: string[] = [];
  if (model !== TEMPLATE_ROUTER) problems.push(`MODEL must be ${TEMPLATE_ROUTER}, not "${model}"`);
  if (!whole(jobsMax, 1, 1_000))
    problems.push(`TRIAGE_JOBS_MAX must be a whole number from 1 to 1000, not "${jobsMax}"`);
  if (!whole(seed, 0, 2 ** 31 - 1))
    problems.push(`TRIAGE_ROUTER_SEED must be a whole number from 0 to 2147483647, not "${seed}"`);
  if (problems.length > 0)
    throw new RejectedError("config_invalid", problems.join("; "), { publicMessage: problems.join("\n") });
  return Object.freeze({ model: TEMPLATE_ROUTER, routerSeed: Number(seed), jobsMax: Number(jobsMax) });
}
