import type { Desks as DeskCopies } from "@opsdesk/desk";
import { handler } from "@opsdesk/messaging/handler";
import { type SwitchRows, type SwitchState, afterSwitch, decideSwitch } from "../decide/switch-auto-send.ts";
import { AUDIT_TURN, appendAudit, auditHeads } from "../store/audit.ts";
import { setSwitches } from "../store/switches.ts";

/** The kill switch: holds from the next proposal on, since every batch reads the stops afresh. */
export const onAdminCommand = (desks: DeskCopies) =>
  handler<"admin.command_submitted", SwitchState, SwitchRows>("admin.command_submitted", {
    load: async (read, events) => {
      const tenants = events.map(({ tenantid }) => tenantid);
      return { desks: await desks.byTenant(read, tenants), heads: await auditHeads(read, tenants) };
    },
    decide: decideSwitch,
    evolve: afterSwitch,
    save: (rows) => {
      const audit = appendAudit(rows.map((row) => row.audit));
      return { writes: [setSwitches(rows.flatMap(({ switches }) => switches)), ...audit.writes], guards: audit.guards };
    },
    turn: AUDIT_TURN,
  });
