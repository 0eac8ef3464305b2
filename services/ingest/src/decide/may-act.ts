import type { Actor, Role } from "@opsdesk/schemas/common";
import type { Desk } from "@opsdesk/schemas/desk";
import type { TicketCommandSubmitted } from "@opsdesk/schemas/ticket-command-submitted";
import type { Refusal } from "./codes.ts";

type CommandType = TicketCommandSubmitted["command"]["type"];

/** What leaves the house, or cannot be taken back by the next colleague, asks for a reviewer. */
const ASKS_REVIEWER: ReadonlySet<CommandType> = new Set(["reply", "undo_reply", "merge"]);
const RANK: readonly Role[] = ["viewer", "drafter", "reviewer", "admin"];

/** Whether this actor may ask for this: people by their role in the desk, outside systems by their key's scope. */
export function mayAct(actor: Actor, command: CommandType, desk: Desk | undefined): Refusal | undefined {
  if (actor.kind === "system") return undefined;
  // Rules act through their own decisions; a command is always somebody's.
  if (actor.kind !== "person") return { code: "not_allowed", message: "a service gives no ticket commands" };
  const person = desk?.people.find((one) => one.id === actor.id);
  if (person === undefined) return { code: "actor_not_in_desk", message: `${actor.id} is not a person of this desk` };
  const needed: Role = ASKS_REVIEWER.has(command) ? "reviewer" : "drafter";
  if (RANK.indexOf(person.role) < RANK.indexOf(needed))
    return { code: "not_allowed", message: `${command} asks for the role ${needed}; ${actor.id} is ${person.role}` };
  return undefined;
}
