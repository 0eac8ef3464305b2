import type { Desks, KnownDesk } from "@opsdesk/desk";
import { type AnyHandler, handler, lastBy } from "@opsdesk/messaging/handler";
import { type ExampleRows, collectExamples } from "../decide/collect-examples.ts";
import { insertExamples, insertParts, partsOf } from "../store/examples.ts";

interface State {
  readonly parts: ReadonlyMap<string, ReadonlySet<number>>;
  readonly desks: ReadonlyMap<string, KnownDesk>;
}

const NONE: ReadonlySet<number> = new Set();

export const onExamplesSubmitted = (desks: Desks): AnyHandler =>
  handler<"examples.submitted", State, ExampleRows>("examples.submitted", {
    load: async (read, events) => ({
      parts: await partsOf(
        read,
        events.map(({ data, tenantid }) => ({ tenant: tenantid, set: data.set })),
      ),
      desks: await desks.byTenant(
        read,
        events.map(({ tenantid }) => tenantid),
      ),
    }),
    decide: ({ data, tenantid, time }, state) =>
      collectExamples(
        data,
        {
          tenant: tenantid,
          parts: state.parts.get(`${tenantid}/${data.set}`) ?? NONE,
          deskVersion: state.desks.get(tenantid)?.version ?? 0,
        },
        time,
      ),
    evolve: (state, { part: { part, set, tenant } }) => ({
      ...state,
      parts: new Map(state.parts).set(`${tenant}/${set}`, new Set(state.parts.get(`${tenant}/${set}`)).add(part)),
    }),
    save: (rows) => ({
      writes: [
        insertExamples(
          lastBy(
            rows.flatMap(({ lessons }) => lessons),
            (lesson) => `${lesson.tenant}/${lesson.textHash}`,
          ),
        ),
        insertParts(rows.map(({ part }) => part)),
      ],
    }),
  });
