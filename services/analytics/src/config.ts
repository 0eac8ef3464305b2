import { RejectedError } from "@opsdesk/errors";
import type { Environment } from "@opsdesk/service";

export interface AnalyticsConfig {
  readonly openSearchUrl: string;
  /** Of indices, aliases and templates: several installations can share a server. */
  readonly prefix: string;
  /** Whether what people write and are called is indexed too. */
  readonly rawText: boolean;
  /** For how many days events are kept; documents of tickets, drafts, runs and deliveries stay. */
  readonly eventDays: number;
}

const DAYS_MAX = 3_650;

/** Throws RejectedError `config_invalid` that names every problem at once. */
export function readConfig(environment: Environment): AnalyticsConfig {
  const {
    OPENSEARCH_URL: url = "",
    ANALYTICS_INDEX_PREFIX: prefix = "opsdesk",
    ANALYTICS_RAW_TEXT: rawText = "off",
    ANALYTICS_EVENT_DAYS: days = "400",
  } = environment;
  const problems: string[] = [];
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    problems.push("OPENSEARCH_URL must be an http or https address; analytics runs only where there is one");
  if (!/^[a-z][a-z0-9-]{0,40}$/.test(prefix))
    problems.push(`ANALYTICS_INDEX_PREFIX must be small letters, digits and hyphens, not "${prefix}"`);
  if (rawText !== "on" && rawText !== "off") problems.push(`ANALYTICS_RAW_TEXT must be on or off, not "${rawText}"`);
  if (!/^\d+$/.test(days) || Number(days) < 1 || Number(days) > DAYS_MAX)
    problems.push(`ANALYTICS_EVENT_DAYS must be a whole number from 1 to ${DAYS_MAX}, not "${days}"`);
  if (problems.length > 0)
    throw new RejectedError("config_invalid", problems.join("; "), { publicMessage: problems.join("\n") });
  return Object.freeze({ openSearchUrl: url, prefix, rawText: rawText === "on", eventDays: Number(days) });
}
