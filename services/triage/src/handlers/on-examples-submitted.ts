import { type AnyHandler, handler, lastBy } from "@opsdesk/messaging/handler";
import { type ExampleRows, collectExamples } from "../decide/collect-examples.ts";
import { insertExamples, insertParts, partsOf } from "../store/examples.ts";

type State = ReadonlyMap<string, ReadonlySet<number>>;

const NONE: ReadonlySet<number> = new Set();

export const onExamplesSubmitted = (): AnyHandler =>
  handler<"examples.submitted", State, ExampleRows>("examples.submitted", {
    load: (read, events) =>
      partsOf(
        read,
        events.map(({ data, tenantid }) => ({ tenant: tenantid, set: data.set })),
      ),
    decide: ({ data, tenantid, time }, parts) =>
      collectExamples(data, parts.get(`${tenantid}/${data.set}`) ?? NONE, tenantid, time),
    evolve: (parts, { part: { part, set, tenant } }) =>
      new Map(parts).set(`${tenant}/${set}`, new Set(parts.get(`${tenant}/${set}`)).add(part)),
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
