import { RejectedError } from "@opsdesk/errors";
import { EDGE_TENANT, contractOf, edgeCopyTopic } from "@opsdesk/schemas";
import type { Publication } from "./commit.ts";
import type { PreparedEvent } from "./encode.ts";

/**
 * The tenants whose parties outside have topics of their own (`OPSDESK_EDGE_TENANTS`, comma-separated); none unless
 * they are named. Throws RejectedError `config_invalid`.
 */
export function edgeTenantsFrom(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return edgeTenantsOf(environment["OPSDESK_EDGE_TENANTS"] ?? "", "OPSDESK_EDGE_TENANTS");
}

/** The same from a list that came another way. `setting` begins the message. */
export function edgeTenantsOf(list: string, setting: string): readonly string[] {
  const tenants = list
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  const wrong = tenants.filter((one) => !EDGE_TENANT.test(one));
  if (wrong.length > 0) {
    const problem = `${setting} must name tenants in lower-case letters, digits and hyphens, not "${wrong.join('", "')}"`;
    throw new RejectedError("config_invalid", problem, { publicMessage: problem });
  }
  return [...new Set(tenants)].toSorted();
}

/**
 * The records of one event: its own, and a copy for the tenant's parties outside where there is an edge topic for it.
 * Both are rows of the same transaction with the same event id, so the copy is published exactly as safely.
 */
export function publicationsOf(
  causeId: string,
  { envelope, record }: PreparedEvent,
  edgeTenants: readonly string[],
): readonly Publication[] {
  const contract = contractOf(envelope.type);
  const topic = contract === undefined ? undefined : edgeCopyTopic(contract, envelope.tenantid, edgeTenants);
  return topic === undefined
    ? [{ causeId, record }]
    : [
        { causeId, record },
        { causeId, record: { ...record, topic } },
      ];
}
