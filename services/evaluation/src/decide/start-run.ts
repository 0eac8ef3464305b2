import { type Outcome, defer, done, ignore, reject } from "@opsdesk/messaging/outcome";
import type { AdminCommandSubmitted } from "@opsdesk/schemas/admin-command-submitted";
import type { CommandRefused } from "@opsdesk/schemas/command-refused";
import type { Desk, Scenario } from "@opsdesk/schemas/desk";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { EvaluationErrorCode } from "./error-codes.ts";
import { correlationOf, requestHashOf, runIdOf, scenarioVersionOf } from "./ids.ts";
import { type FinishWork, QUEUES, type RunWork } from "./queues.ts";
import { isShadow } from "./shadow.ts";

export interface DeskKnown {
  readonly version: number;
  readonly desk: Desk;
}

export interface StartedRun {
  readonly tenant: string;
  readonly runId: string;
  readonly requestedBy: string;
  readonly requestHash: string;
  readonly correlationId: string;
  readonly deskVersion: number;
  readonly requestedAt: string;
  readonly deadlineAt: string;
  readonly scenarios: readonly {
    readonly scenarioId: string;
    readonly version: string;
    readonly correlationId: string;
  }[];
}

export interface StartReply {
  readonly runId: string;
}

type Refusal = { readonly code: EvaluationErrorCode; readonly message: string };

/** The command of target `prompt` that starts a run; prompts and rollouts are this service's own targets. */
export const EVALUATE = "evaluate";

/**
 * A run: every golden scenario that the desk has at this moment, or those named. One job submits them, another,
 * by the clock, ends the run whatever is missing then.
 */
export function startRun(
  event: Envelope<AdminCommandSubmitted>,
  desks: ReadonlyMap<string, DeskKnown>,
  { now, deadlineSeconds }: { readonly now: string; readonly deadlineSeconds: number },
): Outcome<StartedRun> {
  const { tenantid: tenant, data, source, id } = event;
  if (data.target !== "prompt" && data.target !== "rollout") return ignore("not_for_evaluation");
  const known = desks.get(tenant);
  if (known === undefined)
    return defer("desk_not_configured", { until: `desk:${tenant}`, retryAfterSeconds: 5, giveUpAfterSeconds: 600 });
  const chosen = choose(tenant, data, known.desk);
  if ("code" in chosen) return refuse(event, chosen);
  const runId = runIdOf(tenant, source, id);
  const work: RunWork = { tenant, runId };
  const end: FinishWork = { ...work, end: "scenario_timeout" };
  const reply: StartReply = { runId };
  return done({
    rows: {
      tenant,
      runId,
      requestedBy: data.actor.id,
      requestHash: requestHashOf(idsIn(data)),
      correlationId: event.correlationid,
      deskVersion: known.version,
      requestedAt: now,
      deadlineAt: new Date(Date.parse(now) + deadlineSeconds * 1_000).toISOString(),
      scenarios: chosen.scenarios.map((scenario) => ({
        scenarioId: scenario.id,
        version: scenarioVersionOf(scenario),
        correlationId: correlationOf(runId, scenario.id),
      })),
    },
    jobs: [
      { queue: QUEUES.evaluate, key: runId, data: work },
      { queue: QUEUES.score, key: runId, data: end, ordinal: "deadline", startAfterSeconds: deadlineSeconds },
    ],
    reply,
  });
}

/** The scenario ids that a command names: undefined where it names none and so means all. */
function idsIn(data: AdminCommandSubmitted): readonly string[] | undefined {
  const { scenarioIds } = data.arguments;
  // `choose` has refused everything but a list of texts.
  return scenarioIds as readonly string[] | undefined;
}

function choose(
  tenant: string,
  data: AdminCommandSubmitted,
  desk: Desk,
): { readonly scenarios: readonly Scenario[] } | Refusal {
  if (data.target !== "prompt" || data.command !== EVALUATE)
    return { code: "command_unknown", message: `evaluation knows the command "${EVALUATE}" of the target "prompt"` };
  if (isShadow(tenant)) return { code: "not_allowed", message: "a shadow tenant is where runs happen; it starts none" };
  // A system acts with the scope of its API key, which was checked where it came in.
  if (data.actor.kind !== "system" && !desk.people.some(({ id, role }) => id === data.actor.id && role === "admin"))
    return { code: "not_allowed", message: "only an admin of the desk starts an evaluation" };
  const { scenarioIds } = data.arguments;
  if (scenarioIds === undefined)
    return desk.scenarios.length === 0
      ? { code: "scenarios_missing", message: "the desk has no golden scenarios" }
      : { scenarios: desk.scenarios };
  if (!Array.isArray(scenarioIds) || scenarioIds.length === 0 || !scenarioIds.every((id) => typeof id === "string"))
    return { code: "command_invalid", message: "scenarioIds must be a list of at least one scenario id" };
  const wanted = new Set<string>(scenarioIds);
  const scenarios = desk.scenarios.filter(({ id }) => wanted.has(id));
  const unknown = [...wanted].filter((id) => !scenarios.some((scenario) => scenario.id === id));
  return unknown.length === 0
    ? { scenarios }
    : { code: "scenario_unknown", message: `the desk has no scenario ${unknown.slice(0, 5).join(", ")}`.slice(0, 300) };
}

function refuse({ id, tenantid, data }: Envelope<AdminCommandSubmitted>, { code, message }: Refusal): Outcome<never> {
  const told: CommandRefused = {
    commandId: id,
    ticketId: null,
    actor: data.actor,
    command: data.command,
    code,
    message,
  };
  return reject(code, message, { events: [{ type: "command.refused", key: tenantid, data: told }] });
}
