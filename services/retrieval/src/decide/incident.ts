import type { Risk } from "@opsdesk/schemas/common";
import type { Anchor, AnchorKind } from "./ticket-edges.ts";

/** When tickets that come together are one incident. A threshold of 0 never counts that kind. */
export interface StormPolicy {
  readonly windowMinutes: number;
  /** Tickets with the anchor in common, the newest included. */
  readonly ticketsMin: Readonly<Record<AnchorKind, number>>;
}

/** An earlier ticket, once for each anchor that it shares. */
export interface SharedTicket {
  readonly ticketId: string;
  readonly reference: string;
  readonly at: string;
  readonly anchor: Anchor;
  readonly sourceIds: readonly string[];
}

export interface Incident extends Anchor {
  readonly tickets: number;
  readonly windowMinutes: number;
}

export interface NeighbourTicket {
  readonly ticketId: string;
  readonly reference: string;
  readonly at: string;
  readonly shared: Anchor[];
  readonly sourceIds: string[];
}

const MINUTE_MS = 60_000;
const NEIGHBOURS_MAX = 10;
const SOURCES_MAX = 8;
/** Of two anchors with as many tickets, the one that says more about what is broken. */
const TELLING: readonly AnchorKind[] = ["asset", "site", "category"];

/** Most tickets share a category with hundreds: it tells nothing of them, unless it counts towards a storm. */
export const makesNeighbours = ({ kind }: Anchor, { ticketsMin }: StormPolicy): boolean =>
  kind !== "category" || ticketsMin.category > 0;

/** Whether a ticket is one of many that share an anchor within the window before it; the largest such group, or none. */
export function incidentOf(
  ticket: { readonly ticketId: string; readonly at: string },
  earlier: readonly SharedTicket[],
  { windowMinutes, ticketsMin }: StormPolicy,
): Incident | undefined {
  const end = Date.parse(ticket.at);
  const recent = earlier.filter(
    ({ at, ticketId }) =>
      ticketId !== ticket.ticketId && Date.parse(at) <= end && Date.parse(at) > end - windowMinutes * MINUTE_MS,
  );
  return [...Map.groupBy(recent, ({ anchor }) => `${anchor.kind}\u001f${anchor.id}`).values()]
    .flatMap((group) => {
      const anchor = group[0]?.anchor;
      if (anchor === undefined) return [];
      const tickets = new Set(group.map(({ ticketId }) => ticketId)).size + 1;
      const min = ticketsMin[anchor.kind];
      return min > 0 && tickets >= min ? [{ kind: anchor.kind, id: anchor.id, tickets, windowMinutes }] : [];
    })
    .toSorted(
      (a, b) => b.tickets - a.tickets || TELLING.indexOf(a.kind) - TELLING.indexOf(b.kind) || (a.id < b.id ? -1 : 1),
    )[0];
}

/** The risk that an incident is: what is true of one ticket may not be the answer to all of them. */
export const incidentRisk = ({ kind, id, tickets, windowMinutes }: Incident): Risk => ({
  id: "incident_storm",
  detail: `${tickets} tickets about ${kind} ${id} within ${windowMinutes} minutes.`.slice(0, 300),
});

/** Earlier tickets, each once with all that it shares: most in common first, then newest. */
export function neighboursOf(ticketId: string, earlier: readonly SharedTicket[]): NeighbourTicket[] {
  const others = earlier.filter((one) => one.ticketId !== ticketId);
  return [...Map.groupBy(others, (one) => one.ticketId).values()]
    .flatMap((rows) => {
      const [first] = rows;
      if (first === undefined) return [];
      const { reference, ticketId: id } = first;
      const at = Math.max(...rows.map((row) => Date.parse(row.at)));
      const shared = new Map(rows.map(({ anchor }) => [`${anchor.kind}\u001f${anchor.id}`, anchor]));
      const sourceIds = [...new Set(rows.flatMap((row) => row.sourceIds))].toSorted().slice(0, SOURCES_MAX);
      const told = [...shared.values()].toSorted((a, b) => (`${a.kind} ${a.id}` < `${b.kind} ${b.id}` ? -1 : 1));
      return [{ ticketId: id, reference, at: new Date(at).toISOString(), shared: told, sourceIds }];
    })
    .toSorted(
      (a, b) => weightOf(b) - weightOf(a) || Date.parse(b.at) - Date.parse(a.at) || (a.ticketId < b.ticketId ? -1 : 1),
    )
    .slice(0, NEIGHBOURS_MAX);
}

/** A shared category alone says little: most tickets of a desk share one. */
const weightOf = ({ shared }: NeighbourTicket): number =>
  shared.reduce((sum, { kind }) => sum + (kind === "category" ? 1 : 3), 0);
