import { consoleService } from "@opsdesk/console";
import { RejectedError } from "@opsdesk/errors";
import { evaluationService } from "@opsdesk/evaluation";
import { ingestService } from "@opsdesk/ingest";
import { retrievalService } from "@opsdesk/retrieval";
import { safetyGateService } from "@opsdesk/safety-gate";
import type { ServiceDefinition } from "@opsdesk/service";
import { triageService } from "@opsdesk/triage";
import { webhookService } from "@opsdesk/webhook";

/** Every service there is, in the order of the flow. */
export const allServices: readonly ServiceDefinition[] = [
  ingestService,
  triageService,
  retrievalService,
  safetyGateService,
  webhookService,
  evaluationService,
  consoleService,
];

/** Some of them, by name. Throws RejectedError `service_unknown`. */
export function servicesNamed(names: readonly string[]): readonly ServiceDefinition[] {
  return names.map((name) => {
    const found = allServices.find((service) => service.name === name);
    if (found === undefined)
      throw new RejectedError("service_unknown", `no service ${name}`, {
        publicMessage: `There is no service called ${name}. Known: ${allServices.map((service) => service.name).join(", ")}.`,
      });
    return found;
  });
}
