import { handler } from "@opsdesk/messaging/handler";
import type { AuditRow } from "../decide/audit-chain.ts";
import { auditContact } from "../decide/audit-events.ts";
import { type Heads, withHead } from "../decide/state.ts";
import { AUDIT_TURN, appendAudit, auditHeads } from "../store/audit.ts";

/** That a person reached the customer belongs to the ticket's audit trail. */
export const onContactLogged = () =>
  handler<"contact.logged", Heads, AuditRow>("contact.logged", {
    load: (read, events) =>
      auditHeads(
        read,
        events.map(({ tenantid }) => tenantid),
      ),
    decide: auditContact,
    evolve: withHead,
    save: appendAudit,
    turn: AUDIT_TURN,
  });
