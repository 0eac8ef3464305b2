import { type AnyHandler, handler } from "@opsdesk/messaging";
import { type CommandedSource, commandSource, type RetiredSource, sourceOf } from "../decide/retire-source.ts";
import { sourceKey, sourcesByKey, sourcesHeld, sourcesRetired } from "../store/sources.ts";

type Sources = ReadonlyMap<string, CommandedSource>;

export const onAdminCommand: AnyHandler = handler<"admin.command_submitted", Sources, RetiredSource>(
  "admin.command_submitted",
  {
    load: (read, events) => {
      const named = events.flatMap((event) => {
        const sourceId = event.data.target === "source" ? sourceOf(event.data) : undefined;
        return sourceId === undefined ? [] : [{ tenant: event.tenantid, sourceId }];
      });
      return named.length === 0 ? Promise.resolve(new Map()) : sourcesByKey(read, named);
    },
    decide: (event, sources, { now }) => {
      const sourceId = sourceOf(event.data) ?? "";
      return commandSource(
        { id: event.id, tenant: event.tenantid, data: event.data },
        sources.get(sourceKey({ tenant: event.tenantid, sourceId })),
        now,
      );
    },
    evolve: (sources, row) => {
      const known = sources.get(sourceKey(row));
      return known === undefined ? sources : new Map(sources).set(sourceKey(row), { ...known, retired: true });
    },
    save: (rows) => ({ writes: sourcesRetired(rows), guards: [{ held: sourcesHeld(rows), count: rows.length }] }),
  },
);
