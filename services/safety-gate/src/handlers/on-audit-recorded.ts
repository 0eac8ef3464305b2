import { handler } from "@opsdesk/messaging/handler";
import type { AuditRow } from "../decide/audit-chain.ts";
import { auditRecorded } from "../decide/audit-events.ts";
import { type Heads, withHead } from "../decide/state.ts";
import { AUDIT_TURN, appendAudit, auditHeads } from "../store/audit.ts";

/** Other services' audit notes join the tenant's chain. */
export const onAuditRecorded = () =>
  handler<"audit.recorded", Heads, AuditRow>("audit.recorded", {
    load: (read, events) =>
      auditHeads(
        read,
        events.map(({ tenantid }) => tenantid),
      ),
    decide: auditRecorded,
    evolve: withHead,
    save: appendAudit,
    turn: AUDIT_TURN,
  });
