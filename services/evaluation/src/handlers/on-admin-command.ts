import type { Desks } from "@opsdesk/desk";
import { type AnyHandler, handler } from "@opsdesk/messaging";
import { type DeskKnown, type StartedRun, startRun } from "../decide/start-run.ts";
import { resultsOpened, runsStarted } from "../store/runs.ts";

export const onAdminCommand = (desks: Desks, deadlineSeconds: number): AnyHandler =>
  handler<"admin.command_submitted", ReadonlyMap<string, DeskKnown>, StartedRun>("admin.command_submitted", {
    load: (read, events) =>
      desks.byTenant(
        read,
        events.map(({ tenantid }) => tenantid),
      ),
    decide: (event, known, { now }) => startRun(event, known, { now, deadlineSeconds }),
    save: (rows) => ({ writes: [runsStarted(rows), resultsOpened(rows)] }),
  });
