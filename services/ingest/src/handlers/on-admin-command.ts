import type { Blobs } from "@opsdesk/blobs";
import { type AnyHandler, type EventOf, handler } from "@opsdesk/messaging";
import type { BlobRef } from "@opsdesk/schemas/common";
import { type AdminState, type AdminStates, type DeskRows, applyDesk } from "../decide/apply-desk.ts";
import { utf8Length } from "../decide/clip-text.ts";
import { DESK_BYTES_MAX, bytesOf } from "../decide/desk-events.ts";
import { type AdminAsked, type DeskPlan, type StoredDesk, isOwn, planDesk, shadowTenant } from "../decide/plan-desk.ts";
import { saveDesks, storedDesks } from "../store/desk-rows.ts";

/** Documents up to this many bytes travel inside their event. */
const CONTENT_BYTES_MAX = 65_536;

const askedOf = (event: EventOf<"admin.command_submitted">): AdminAsked => ({
  tenant: event.tenantid,
  eventId: event.id,
  source: event.source,
  data: event.data,
});

export const onAdminCommand = (blobs: Blobs): AnyHandler =>
  handler<"admin.command_submitted", AdminStates, DeskRows>("admin.command_submitted", {
    load: async (read, events) => {
      const own = events.map(askedOf).filter(isOwn);
      const byEvent = new Map<string, AdminState>();
      const stored =
        own.length === 0
          ? new Map<string, StoredDesk>()
          : await storedDesks(
              read,
              own.map((asked) => asked.tenant),
            );
      for (const asked of own) {
        const current = stored.get(asked.tenant);
        const plan = planDesk(asked, current, await filesOf(blobs, asked));
        byEvent.set(asked.eventId, {
          stored: current,
          plan,
          blobs: "code" in plan ? new Map() : await keepLarge(blobs, plan),
        });
      }
      return { byEvent, changing: new Set() };
    },
    decide: (event, states, { now }) => applyDesk(askedOf(event), states, now),
    evolve: (states, _rows, event) => ({ ...states, changing: new Set([...states.changing, event.tenantid]) }),
    save: saveDesks,
  });

/** The files of an applied pack: path → text, as HTTP kept them. */
async function filesOf(blobs: Blobs, { tenant, data }: AdminAsked): Promise<ReadonlyMap<string, string> | undefined> {
  const { blob } = data.arguments;
  // A reference from outside never reads another business's content.
  if (data.command !== "desk.apply" || typeof blob !== "string" || !blob.startsWith(`${tenant}/`)) return undefined;
  const content = await blobs.get(blob);
  if (content === undefined) return undefined;
  // Written by this service's HTTP as a JSON object of texts; the reader of packs trusts none of it anyway.
  return new Map(Object.entries(JSON.parse(new TextDecoder().decode(content)) as Record<string, string>));
}

/** Puts what is too large for an event where its readers can fetch it. Repeating puts the same. */
async function keepLarge(blobs: Blobs, plan: DeskPlan): Promise<ReadonlyMap<string, BlobRef>> {
  const kept = new Map<string, BlobRef>();
  const keep = async (name: string, tenant: string, text: string, contentType: string): Promise<void> => {
    kept.set(name, { ...(await blobs.put(tenant, new TextEncoder().encode(text))), contentType });
  };
  const desks = [
    { tenant: plan.tenant, desk: plan.desk },
    { tenant: shadowTenant(plan.tenant), desk: plan.shadow },
  ];
  for (const { tenant, desk } of desks) {
    if (bytesOf(desk) > DESK_BYTES_MAX) await keep(tenant, tenant, JSON.stringify(desk), "application/json");
    for (const { sourceId, content } of plan.pack?.documents ?? []) {
      if (utf8Length(content) > CONTENT_BYTES_MAX)
        await keep(`${tenant}/${sourceId}`, tenant, content, "text/markdown");
    }
  }
  return kept;
}
