import type { Actor } from "@opsdesk/schemas/common";
import type { Desk } from "@opsdesk/schemas/desk";
import type { DraftDecisionSubmitted } from "@opsdesk/schemas/draft-decision-submitted";

type Kind = DraftDecisionSubmitted["decision"];

/** A drafter prepares and never releases: handing a draft back is open to them, sending or unsending is not. */
const ALL: readonly Kind[] = ["approve", "edit", "reject", "take_over", "undo"];
const MAY: ReadonlyMap<string, readonly Kind[]> = new Map([
  ["viewer", []],
  ["drafter", ["reject", "take_over"]],
  ["reviewer", ALL],
  ["admin", ALL],
]);

/** The person of the desk who decides, or why this actor may not. */
export function deciding(
  desk: Desk,
  actor: Actor,
  kind: Kind,
): { readonly person: Actor } | { readonly refused: string } {
  const person = actor.kind === "person" ? desk.people.find(({ id }) => id === actor.id) : undefined;
  if (person === undefined) return { refused: "Only a person of the desk may decide about a draft." };
  if (MAY.get(person.role)?.includes(kind) !== true)
    return { refused: `A ${person.role} may not ${kind.replace("_", " ")} a draft.` };
  return { person: { kind: "person", id: person.id, name: person.name } };
}
