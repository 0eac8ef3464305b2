import type { Read } from "@opsdesk/database";
import { isoTime } from "@opsdesk/messaging";
import type { Ports, Timer } from "@opsdesk/service";
import type { TicketChanged } from "@opsdesk/schemas/ticket-changed";
import { markBreaches, rememberTold } from "../store/breaches.ts";

/**
 * Says once for each deadline that it was missed. Marked, told, then remembered as told: a crash in between tells
 * again with the same event id, which every consumer knows already.
 */
export const tellBreaches = ({
  database,
  publish,
  clock,
}: Pick<Ports, "publish" | "clock"> & { readonly database: Read }): Timer => ({
  name: "tell-breaches",
  everySeconds: 30,
  run: async () => {
    const now = isoTime(clock);
    const late = await markBreaches(database, now);
    if (late.length === 0) return;
    for (const {
      tenant,
      ticketId,
      reference,
      correlationId,
      aggregateVersion,
      conversationVersion,
      responseDueAt,
    } of late) {
      const data: TicketChanged = {
        ticketId,
        reference,
        aggregateVersion,
        conversationVersion,
        actor: { kind: "service", id: "ingest" },
        change: "breached",
        before: { responseDueAt },
        after: { responseDueAt },
      };
      const idempotencyKey = `${tenant}:${ticketId}:breached:${aggregateVersion}`;
      await publish({
        type: "ticket.changed",
        tenant,
        data,
        idempotencyKey,
        key: ticketId,
        subject: ticketId,
        correlationId,
      });
    }
    await rememberTold(database, late, now);
  },
});
