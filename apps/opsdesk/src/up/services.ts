import { consoleService } from "@opsdesk/console";
import { evaluationService } from "@opsdesk/evaluation";
import { ingestService } from "@opsdesk/ingest";
import { retrievalService } from "@opsdesk/retrieval";
import { safetyGateService } from "@opsdesk/safety-gate";
import type { ServiceDefinition } from "@opsdesk/service";
import { triageService } from "@opsdesk/triage";
import { webhookService } from "@opsdesk/webhook";
import { UsageError } from "../terminal/usage-error.ts";

/** Every service of the embedded lane, in the order of the flow. */
export const allServices: readonly ServiceDefinition[] = [
  ingestService,
  triageService,
  retrievalService,
  safetyGateService,
  webhookService,
  evaluationService,
  consoleService,
];

/** Services that need a server of their own, by the setting that names it; loaded only when they run. */
const OPTIONAL = [
  {
    name: "analytics",
    needs: "OPENSEARCH_URL",
    load: async (): Promise<ServiceDefinition> => (await import("@opsdesk/analytics")).analyticsService,
  },
] as const;

/** Those of an installation: all, and each optional one that has its server. */
export async function servicesFor(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly ServiceDefinition[]> {
  // A variable that is set to nothing is not set.
  const present = OPTIONAL.filter(({ needs }) => (environment[needs] ?? "") !== "");
  return [...allServices, ...(await Promise.all(present.map(({ load }) => load())))];
}

/** For checks of what all services have in common. */
export const everyService = async (): Promise<readonly ServiceDefinition[]> => [
  ...allServices,
  ...(await Promise.all(OPTIONAL.map(({ load }) => load()))),
];

/** Some of them, by their names, in the order given. Throws UsageError `service_unknown`. */
export async function servicesNamed(names: readonly string[]): Promise<readonly ServiceDefinition[]> {
  const every = await everyService();
  return names.map((name) => {
    const service = every.find((one) => one.name === name);
    if (service !== undefined) return service;
    const known = every.map((one) => one.name).join(", ");
    throw new UsageError(`There is no service called ${name}. Known: ${known}.`, "service_unknown");
  });
}
