import type { Desks } from "@opsdesk/desk";
import { type Save, type AnyHandler, type Outcome, done } from "@opsdesk/messaging";
import type { Projected, Projection } from "../decide/projection.ts";
import { saveProjected } from "./project.ts";

interface Both {
  readonly desk: unknown;
  readonly projected: Projected;
}

/** A topic has one handler: this one keeps the desk and, like every other, the event. */
export function onDeskConfigured(desks: Desks, projection: Projection, generation: number): AnyHandler {
  const keeping = desks.onDeskConfigured;
  const kept = saveProjected(projection, generation);
  return {
    ...keeping,
    decide: (event, state, context): Outcome<Both> => {
      const outcome = keeping.decide(event, state, context);
      if (outcome.outcome !== "done") return outcome;
      return done({ ...outcome.effects, rows: { desk: outcome.effects.rows, projected: projection.project(event) } });
    },
    save: (given): Save => {
      // Only what `decide` above has made comes here.
      const rows = given as readonly Both[];
      const desk = keeping.save?.(rows.map((row) => row.desk));
      const projected = kept(rows.map((row) => row.projected));
      return {
        guards: [...(desk?.guards ?? []), ...projected.guards],
        writes: [...(desk?.writes ?? []), ...projected.writes],
      };
    },
  };
}
