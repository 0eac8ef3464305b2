import { done } from "@opsdesk/messaging";
import { type AnyHandler, handler } from "@opsdesk/messaging/handler";
import type { Projected, Projection } from "../decide/projection.ts";
import { appendEvents, inTurn } from "../store/append-events.ts";
import { type Cells, mergingUpsert } from "../store/merging.ts";
import { reviewsTable } from "../store/reviews-table.ts";
import { storiesTable } from "../store/stories-table.ts";

/** Patches hold plain values by property, which is what the store calls cells. */
const cells = (patches: readonly (object | undefined)[]): readonly Cells[] =>
  patches.filter((patch) => patch !== undefined) as readonly Cells[];

/** What a batch of one type writes: its events and at most one row for each ticket and draft. Nothing is loaded for it. */
export const saveProjected = (projection: Projection, generation: number) => (rows: readonly Projected[]) => {
  const { type, story, draft } = projection;
  return {
    guards: [{ held: inTurn(), count: 1 }],
    writes: [
      appendEvents(
        generation,
        type,
        rows.map((row) => row.event),
      ),
      ...(story.length === 0
        ? []
        : [mergingUpsert(storiesTable, generation, story, cells(rows.map((row) => row.story)))]),
      ...(draft.length === 0
        ? []
        : [mergingUpsert(reviewsTable, generation, draft, cells(rows.map((row) => row.draft)))]),
    ],
  };
};

/** The handler of any projection: they differ in nothing else. */
export const projecting = (projection: Projection, generation: number): AnyHandler =>
  handler<Projection["type"], undefined, Projected>(projection.type, {
    decide: (event) => done({ rows: projection.project(event) }),
    save: saveProjected(projection, generation),
  });
