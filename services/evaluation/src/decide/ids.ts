import { contentHash, idFor, prefixedId, sha256Hex } from "@opsdesk/identity";
import type { Scenario } from "@opsdesk/schemas/desk";

const EXTERNAL_ID_LENGTH_MAX = 200;

/** The run that a request makes: the same request again makes the same run. */
export const runIdOf = (tenant: string, source: string, eventId: string): string =>
  prefixedId("evl", `${tenant}:${source}:${eventId}`);

/** What a request asked for, whatever the order it was written in; null stands for every scenario. */
export const requestHashOf = (scenarioIds: readonly string[] | undefined): string =>
  contentHash({ scenarioIds: scenarioIds === undefined ? null : [...new Set(scenarioIds)].toSorted() });

export const scenarioVersionOf = (scenario: Scenario): string => contentHash(scenario);

/** One correlation a scenario of a run, from its enquiry to its last event: what comes back is matched by it. */
export const correlationOf = (runId: string, scenarioId: string): string => idFor(`evaluation:${runId}:${scenarioId}`);

/** The sender's id of a scenario's enquiry. An id that would be too long gives way to its hash. */
export function externalIdOf(runId: string, scenarioId: string): string {
  const plain = `${runId}:${scenarioId}`;
  return plain.length <= EXTERNAL_ID_LENGTH_MAX ? plain : `${runId}:${sha256Hex(scenarioId)}`;
}

/** An address of its own for each scenario of each run, so that no cap or earlier conversation has a say; it leads nowhere (RFC 2606). */
export const senderOf = (runId: string, scenarioId: string): string =>
  `scenario-${sha256Hex(`${runId}:${scenarioId}`).slice(0, 24)}@evaluation.invalid`;
