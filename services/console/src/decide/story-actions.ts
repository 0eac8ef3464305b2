import type { Actor } from "@opsdesk/schemas/common";
import type { Envelope } from "@opsdesk/schemas/envelope";

export interface PersonAction {
  readonly at: string;
  readonly eventId: string;
  readonly type: string;
  readonly actorId: string;
  readonly actorName: string | null;
  /** What was done, in the words of the contracts: `approved`, `assigned`, `reply`, `contact.logged`. */
  readonly what: string;
}

interface Acted {
  readonly actor?: Actor;
  readonly message?: { readonly kind: string; readonly author: Actor };
  readonly decision?: string;
  readonly change?: string;
  readonly command?: string;
  readonly status?: string;
}

/** What people of the desk did, in the order given. The customer's own messages and what services did are left out. */
export const actionsOf = (events: readonly Envelope[]): readonly PersonAction[] =>
  events.flatMap((event) => {
    // Any payload; where it names an actor, it does so in the contracts' one shape.
    const data = event.data as Acted;
    const actor = data.actor ?? (data.message?.kind === "customer" ? undefined : data.message?.author);
    if (actor?.kind !== "person") return [];
    return [
      {
        at: event.time,
        eventId: event.id,
        type: event.type,
        actorId: actor.id,
        actorName: actor.name ?? null,
        what: data.decision ?? data.change ?? data.command ?? data.message?.kind ?? data.status ?? event.type,
      },
    ];
  });
