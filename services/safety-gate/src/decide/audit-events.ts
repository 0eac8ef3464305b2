import { type Outcome, done } from "@opsdesk/messaging/outcome";
import type { AuditRecorded } from "@opsdesk/schemas/audit-recorded";
import type { ContactLogged } from "@opsdesk/schemas/contact-logged";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { sha256Hex } from "@opsdesk/identity";
import { type AuditRow, NO_ROWS, auditRow } from "./audit-chain.ts";
import type { Heads } from "./state.ts";

/** What a service found worth an auditor's attention. */
export function auditRecorded(event: Envelope<AuditRecorded>, heads: Heads): Outcome<AuditRow> {
  const { tenantid: tenant, data } = event;
  return done({
    rows: auditRow(tenant, heads.get(tenant) ?? NO_ROWS, {
      action: data.action,
      object: data.object,
      ticketId: null,
      actor: { kind: data.actor.kind, id: data.actor.id },
      at: event.time,
      detail: { source: event.source, detail: data.detail ?? null },
    }),
  });
}

/** That a person spoke with the customer; what was said stays with ingest, here is its hash. */
export function auditContact(event: Envelope<ContactLogged>, heads: Heads): Outcome<AuditRow> {
  const { tenantid: tenant, data } = event;
  return done({
    rows: auditRow(tenant, heads.get(tenant) ?? NO_ROWS, {
      action: "contact_logged",
      object: data.contactId,
      ticketId: data.ticketId,
      actor: { kind: data.actor.kind, id: data.actor.id },
      at: data.at,
      detail: {
        channel: data.channel,
        reached: data.reached,
        conversationVersion: data.conversationVersion,
        saidHash: sha256Hex(data.said),
      },
    }),
  });
}
