import { identifiersIn } from "@opsdesk/text";
import { sitesIn } from "./places.ts";

export type AnchorKind = "site" | "asset" | "category";

/** What tickets can have in common. */
export interface Anchor {
  readonly kind: AnchorKind;
  readonly id: string;
}

/** One line of the graph: a ticket is about a site, an asset or a category, or was given a source. */
export interface Edge {
  readonly tenant: string;
  readonly ticketId: string;
  readonly kind: AnchorKind | "source";
  readonly target: string;
  readonly reference: string;
  /** When the ticket first spoke of it, or got this category with its newest version; RFC 3339. */
  readonly at: string;
  readonly aggregateVersion: number;
}

export interface AboutTicket {
  readonly tenant: string;
  readonly ticketId: string;
  readonly reference: string;
  readonly aggregateVersion: number;
  readonly at: string;
}

const ASSETS_MAX = 10;
const TAG_CHARACTERS_MAX = 100;

/** Asset tags of a text in the one form in which they are compared. */
const assetsIn = (text: string): string[] =>
  [
    ...new Set(
      identifiersIn(text)
        .filter(({ kind, value }) => kind === "asset-tag" && value.length <= TAG_CHARACTERS_MAX)
        .map(({ value }) => value.toUpperCase()),
    ),
  ].slice(0, ASSETS_MAX);

/** What a ticket is about, from its words and its category. No words go into the graph, only what they name. */
export const edgesOf = (
  ticket: AboutTicket,
  { categoryId, text }: { readonly categoryId: string | null; readonly text: string },
  knownSites: readonly string[],
): Edge[] =>
  [
    ...sitesIn(text, knownSites).map((target) => ({ kind: "site" as const, target })),
    ...assetsIn(text).map((target) => ({ kind: "asset" as const, target })),
    ...(categoryId === null ? [] : [{ kind: "category" as const, target: categoryId }]),
  ].map((one) => ({ ...ticket, ...one }));

/** Each edge once: its first time, its newest version; and of the categories of one ticket, the newest as it is. */
export function edgesMerged(edges: readonly Edge[]): Edge[] {
  const merged = new Map<string, Edge>();
  for (const edge of edges) {
    // A ticket has one category, so its target is no part of what it is.
    const key = [edge.tenant, edge.ticketId, edge.kind, edge.kind === "category" ? "" : edge.target].join("\u001f");
    const known = merged.get(key);
    if (known === undefined) {
      merged.set(key, edge);
      continue;
    }
    const newest = edge.aggregateVersion >= known.aggregateVersion ? edge : known;
    const first = Date.parse(edge.at) < Date.parse(known.at) ? edge : known;
    merged.set(key, edge.kind === "category" ? newest : { ...newest, at: first.at });
  }
  return [...merged.values()];
}
