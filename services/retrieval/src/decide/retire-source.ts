import { type NewEvent, type Outcome, done, ignore, reject } from "@opsdesk/messaging/outcome";
import type { AdminCommandSubmitted } from "@opsdesk/schemas/admin-command-submitted";
import type { ErrorCode } from "./error-codes.ts";

/** A source as a command finds it. */
export interface CommandedSource {
  readonly latestVersion: number;
  readonly revision: number;
  readonly retired: boolean;
  /** The newest indexed version, whether it is quotable now or only later; null where nothing ever was. */
  readonly indexedVersion: number | null;
}

export interface RetiredSource {
  readonly tenant: string;
  readonly sourceId: string;
  readonly seenRevision: number;
  readonly reason: "removed" | "expired" | "permission";
  readonly at: string;
}

interface Command {
  readonly id: string;
  readonly tenant: string;
  readonly data: AdminCommandSubmitted;
}

const REASONS = ["removed", "expired", "permission"] as const;

/** The source that a command names, or undefined where it names none. */
export function sourceOf(command: AdminCommandSubmitted): string | undefined {
  const { sourceId } = command.arguments;
  return typeof sourceId === "string" && sourceId !== "" && sourceId.length <= 200 ? sourceId : undefined;
}

function refused({ id, tenant, data }: Command, code: ErrorCode, message: string): Outcome<never> {
  const told: NewEvent = {
    type: "command.refused",
    key: tenant,
    data: { commandId: id, ticketId: null, actor: data.actor, command: data.command, code, message },
  };
  return reject(code, message, { events: [told] });
}

/** `retire` takes a source out of every answer at once; what was cited before stays verifiable. Others' targets are theirs. */
export function commandSource(
  command: Command,
  source: CommandedSource | undefined,
  now: string,
): Outcome<RetiredSource> {
  const { data, tenant } = command;
  if (data.target !== "source") return ignore("target_of_another_service");
  if (data.command !== "retire") return refused(command, "command_unknown", "The only command for a source is retire.");
  const sourceId = sourceOf(data);
  const { reason = "removed" } = data.arguments;
  const known = REASONS.find((one) => one === reason);
  if (sourceId === undefined || known === undefined)
    return refused(
      command,
      "arguments_invalid",
      `retire needs arguments { sourceId, reason? }; reason is one of ${REASONS.join(", ")}.`,
    );
  if (source === undefined) return refused(command, "source_not_found", "There is no such source.");
  if (source.retired) return ignore("source_already_retired", { sourceId, status: "retired" });
  const event: NewEvent = {
    type: "knowledge.source_retired",
    key: sourceId,
    data: { sourceId, version: source.indexedVersion ?? source.latestVersion, reason: known },
  };
  return done({
    rows: { tenant, sourceId, seenRevision: source.revision, reason: known, at: now },
    events: [event],
    wakes: [`knowledge:${tenant}`],
    reply: { sourceId, status: "retired" },
  });
}
