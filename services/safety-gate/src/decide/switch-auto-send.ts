import { type Outcome, defer, done, ignore } from "@opsdesk/messaging/outcome";
import type { AdminCommandSubmitted } from "@opsdesk/schemas/admin-command-submitted";
import type { CommandRefused } from "@opsdesk/schemas/command-refused";
import type { Desk } from "@opsdesk/schemas/desk";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { type AuditRow, NO_ROWS, auditRow } from "./audit-chain.ts";
import { type Desks, type Heads, withHead } from "./state.ts";

export interface SwitchState {
  readonly desks: Desks;
  readonly heads: Heads;
}

/** What a caller on the spot is told of a command. */
export interface SwitchReply {
  readonly refused?: { readonly code: string; readonly message: string };
}

export interface SwitchRows {
  readonly audit: AuditRow;
  /** `""` stands for the whole desk. */
  readonly switches: readonly {
    readonly tenant: string;
    readonly categoryId: string;
    readonly stopped: boolean;
    readonly changedBy: string;
    readonly changedAt: string;
  }[];
}

/** Whether a command stops, or lifts a stop. */
const COMMANDS: ReadonlyMap<string, boolean> = new Map([
  ["auto_send_off", true],
  ["auto_send_on", false],
]);

/**
 * The kill switch: `auto_send_off` and `auto_send_on`, for the desk or for `categories`. Off stops whatever the desk
 * allows; on only lifts a stop, since what may be sent at all is licensed by the desk's own policy. Stopping is
 * safe, so a reviewer may do it; lifting takes an administrator. A system acts with the scope of its API key, which
 * the console has checked.
 */
export function decideSwitch(
  event: Envelope<AdminCommandSubmitted>,
  state: SwitchState,
  { now }: { readonly now: string },
): Outcome<SwitchRows> {
  const { tenantid: tenant, data } = event;
  if (data.target !== "policy") return ignore("not_for_the_gate");
  const desk = state.desks.get(tenant)?.desk;
  if (desk === undefined)
    return defer("desk_not_configured", { until: `desk:${tenant}`, retryAfterSeconds: 5, giveUpAfterSeconds: 600 });
  const categories = data.arguments["categories"] ?? [];
  const refusal = refused(data, desk, categories);
  if (refusal !== undefined) {
    const told: CommandRefused = {
      commandId: event.id,
      ticketId: null,
      actor: data.actor,
      command: data.command,
      ...refusal,
    };
    return done({
      events: [{ type: "command.refused", key: tenant, data: told }],
      reply: { refused: refusal } satisfies SwitchReply,
    });
  }
  const stopped = COMMANDS.get(data.command) === true;
  // `refused` has let only a list of category ids through.
  const ids = (categories as readonly string[]).length === 0 ? [""] : [...new Set(categories as readonly string[])];
  return done({
    rows: {
      switches: ids.map((categoryId) => ({ tenant, categoryId, stopped, changedBy: data.actor.id, changedAt: now })),
      audit: auditRow(tenant, state.heads.get(tenant) ?? NO_ROWS, {
        action: "policy_edited",
        object: data.command,
        ticketId: null,
        actor: { kind: data.actor.kind, id: data.actor.id },
        at: now,
        detail: { categories: ids.filter((id) => id !== "") },
      }),
    },
    reply: {} satisfies SwitchReply,
  });
}

function refused(
  data: AdminCommandSubmitted,
  desk: Desk,
  categories: unknown,
): { readonly code: string; readonly message: string } | undefined {
  const stopped = COMMANDS.get(data.command);
  if (stopped === undefined)
    return { code: "command_unknown", message: "The gate knows auto_send_on and auto_send_off." };
  if (!Array.isArray(categories) || !categories.every((id) => typeof id === "string"))
    return {
      code: "arguments_invalid",
      message: '"categories" must be a list of category ids, or absent for the whole desk.',
    };
  const unknown: unknown = categories.find((id) => !desk.categories.some((category) => category.id === id));
  if (unknown !== undefined) return { code: "category_unknown", message: "The desk has no such category." };
  if (data.actor.kind !== "person") return undefined;
  const role = desk.people.find(({ id }) => id === data.actor.id)?.role;
  const allowed = role === "admin" || (role === "reviewer" && stopped);
  return allowed
    ? undefined
    : {
        code: "not_allowed",
        message: stopped ? "Only a reviewer or an admin may stop automatic replies." : "Only an admin may lift a stop.",
      };
}

/** What the next command of a batch sees. */
export const afterSwitch = (state: SwitchState, { audit }: SwitchRows): SwitchState => ({
  ...state,
  heads: withHead(state.heads, audit),
});
