import type { Desks } from "@opsdesk/desk";
import type { AnyHandler } from "@opsdesk/messaging";
import { PROJECTIONS } from "./decide/projections.ts";
import { onDeskConfigured } from "./handlers/on-desk-configured.ts";
import { projecting } from "./handlers/project.ts";

/** The generation that the ordinary consumer group writes. */
export const FIRST_GENERATION = 1;

/** `on-ticket-created` for `ticket.created`: part of the inbox key. */
const nameOf = (type: string): string => `on-${type.replaceAll(/[._]/g, "-")}`;

/**
 * Every handler, writing into one generation. A rebuild subscribes those of a further generation from the beginning
 * (its inbox is its own), waits until it has caught up, and switches with `switchGeneration`. The copy of the desks
 * belongs to no generation: only the first one's handler keeps it.
 */
export const handlersForGeneration = (generation: number, desks: Desks): Readonly<Record<string, AnyHandler>> =>
  Object.fromEntries(
    PROJECTIONS.map((projection) => [
      nameOf(projection.type),
      projection.type === "desk.configured" && generation === FIRST_GENERATION
        ? onDeskConfigured(desks, projection, generation)
        : projecting(projection, generation),
    ]),
  );
