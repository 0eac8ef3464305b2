import { RejectedError } from "@opsdesk/errors";
import type { Environment } from "@opsdesk/service";
import { CLAUDE_MODELS, type ClaudeModel, isClaudeModel } from "./clients/claude-models.ts";
import { TEMPLATE_ROUTER } from "./clients/template-router.ts";

interface ClaudeConfig {
  readonly model: ClaudeModel;
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly timeoutMs: number;
}

export interface TriageConfig {
  /** The model that triages and drafts: the desk's own, or an outside one and how it is reached. */
  readonly model: typeof TEMPLATE_ROUTER | ClaudeConfig;
  /** Of training: the same examples and seed make the same artefact. */
  readonly routerSeed: number;
  /** Jobs of one queue that run at once. */
  readonly jobsMax: number;
}

const BASE_URL = "https://api.anthropic.com";
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const TIMEOUT_MS_MIN = 500;
/** Below the jobs' own: an attempt that ran into that would not be told from one that was stopped. */
const TIMEOUT_MS_MAX = 25_000;

const whole = (text: string, min: number, max: number): boolean =>
  /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max;

/** An enquiry and a key go there: in the clear only within this machine, and without what a log of addresses would show. */
function baseUrlProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return "ANTHROPIC_BASE_URL is not a URL";
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    return "ANTHROPIC_BASE_URL must have no user, query or fragment";
  const open = url.protocol === "http:" && LOOPBACK.test(url.hostname);
  return url.protocol === "https:" || open ? undefined : "ANTHROPIC_BASE_URL must be https, or http on this machine";
}

/** Throws RejectedError `config_invalid` that names every problem at once; a key is never repeated. */
export function readConfig(environment: Environment): TriageConfig {
  const {
    MODEL: model = TEMPLATE_ROUTER,
    ANTHROPIC_API_KEY: apiKey = "",
    ANTHROPIC_BASE_URL: baseUrl = BASE_URL,
    MODEL_TIMEOUT_MS: timeoutMs = "20000",
    TRIAGE_JOBS_MAX: jobsMax = "50",
    TRIAGE_ROUTER_SEED: seed = "1",
  } = environment;
  const problems: string[] = [];
  const outside = isClaudeModel(model) ? model : undefined;
  if (outside === undefined && model !== TEMPLATE_ROUTER)
    problems.push(`MODEL must be ${[TEMPLATE_ROUTER, ...CLAUDE_MODELS].join(", ")}, not "${model}"`);
  if (outside !== undefined && apiKey.trim() === "") problems.push(`ANTHROPIC_API_KEY is needed with MODEL=${outside}`);
  const problem = baseUrlProblem(baseUrl);
  if (problem !== undefined) problems.push(problem);
  if (!whole(timeoutMs, TIMEOUT_MS_MIN, TIMEOUT_MS_MAX))
    problems.push(`MODEL_TIMEOUT_MS must be a whole number from ${TIMEOUT_MS_MIN} to ${TIMEOUT_MS_MAX}`);
  if (!whole(jobsMax, 1, 1_000))
    problems.push(`TRIAGE_JOBS_MAX must be a whole number from 1 to 1000, not "${jobsMax}"`);
  if (!whole(seed, 0, 2 ** 31 - 1))
    problems.push(`TRIAGE_ROUTER_SEED must be a whole number from 0 to 2147483647, not "${seed}"`);
  if (problems.length > 0)
    throw new RejectedError("config_invalid", problems.join("; "), { publicMessage: problems.join("\n") });
  return Object.freeze({
    model:
      outside === undefined
        ? TEMPLATE_ROUTER
        : Object.freeze({ model: outside, apiKey: apiKey.trim(), baseUrl, timeoutMs: Number(timeoutMs) }),
    routerSeed: Number(seed),
    jobsMax: Number(jobsMax),
  });
}
