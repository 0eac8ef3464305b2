import { checker } from "@opsdesk/schemas";
import Type, { type Static, type TSchema } from "typebox";
import type { EndpointCommand } from "../decide/endpoint-command.ts";

const Id = Type.String({ minLength: 1, maxLength: 200 });
const closed = <const P extends Record<string, TSchema>>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });
const Time = Type.String({
  pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z$",
  description: "RFC 3339, UTC",
});

export const endpointFields = {
  name: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,62}$" }),
  url: Type.String({ minLength: 1, maxLength: 2_000 }),
  ownerId: Id,
  contact: Type.String({ minLength: 1, maxLength: 300 }),
  teamId: Type.Union([Id, Type.Null()]),
  events: Type.Array(Id, { minItems: 1, maxItems: 40, uniqueItems: true }),
};
const { name, url, ownerId, contact, teamId, events } = endpointFields;

export const UPDATE = {
  name: Type.Optional(name),
  url: Type.Optional(url),
  ownerId: Type.Optional(ownerId),
  contact: Type.Optional(contact),
  teamId: Type.Optional(teamId),
  events: Type.Optional(events),
  status: Type.Optional(Type.Enum(["enabled", "disabled"])),
};
export const REPLAY = {
  deliveryId: Type.Optional(Id),
  endpointId: Type.Optional(Id),
  since: Type.Optional(Time),
  until: Type.Optional(Time),
  afterSequence: Type.Optional(Type.Integer({ minimum: 0 })),
  states: Type.Optional(
    Type.Array(Type.Enum(["delivered", "failed", "held"]), { minItems: 1, maxItems: 3, uniqueItems: true }),
  ),
};
/** 0 to 7 days. */
export const OverlapSeconds = Type.Integer({ minimum: 0, maximum: 604_800 });
const secret = closed({ secretId: Id, sealed: Type.String({ minLength: 1, maxLength: 2_000 }) });

const Replay = closed(REPLAY);
type ReplayArguments = Static<typeof Replay>;

const SHAPES: Readonly<Record<string, TSchema>> = {
  "endpoint.create": closed({ ...endpointFields, secret }),
  "endpoint.update": closed({ endpointId: Id, ...UPDATE }),
  "endpoint.delete": closed({ endpointId: Id }),
  "endpoint.rotate_secret": closed({ endpointId: Id, secret, overlapSeconds: OverlapSeconds }),
  "endpoint.test": closed({ endpointId: Id }),
  "delivery.replay": Replay,
};
const DO: Readonly<Record<string, EndpointCommand["do"]>> = {
  "endpoint.create": "create",
  "endpoint.update": "update",
  "endpoint.delete": "delete",
  "endpoint.rotate_secret": "rotate_secret",
  "endpoint.test": "test",
  "delivery.replay": "replay",
};
/** A secret is made and shown by HTTP alone, so a command from elsewhere cannot bring one. */
const WITH_SECRET = new Set(["endpoint.create", "endpoint.rotate_secret"]);
const checks = new Map(Object.entries(SHAPES).map(([command, shape]) => [command, checker(shape)]));

export type ReadCommand =
  | { readonly ok: true; readonly command: EndpointCommand; readonly replay: ReplayArguments | undefined }
  | {
      readonly ok: false;
      readonly code: "command_unknown" | "command_needs_http" | "arguments_invalid";
      readonly message: string;
    };

/** Reads an administrator's command from its untyped arguments. */
export function readCommand(command: string, given: Readonly<Record<string, unknown>>): ReadCommand {
  const kind = DO[command];
  if (kind === undefined)
    return { ok: false, code: "command_unknown", message: `Endpoints know no command ${command}.`.slice(0, 300) };
  if (WITH_SECRET.has(command) && !("secret" in given))
    return {
      ok: false,
      code: "command_needs_http",
      message: "This command makes a secret, which is shown once: use /v1/webhooks/endpoints.",
    };
  const problems = checks.get(command)?.(given) ?? [];
  if (problems.length > 0)
    return {
      ok: false,
      code: "arguments_invalid",
      message: problems
        .map(({ path, message }) => `${path || "/"} ${message}`)
        .join("; ")
        .slice(0, 300),
    };
  // The check of this kind has just accepted it.
  return {
    ok: true,
    command: { ...given, do: kind } as unknown as EndpointCommand,
    replay: kind === "replay" ? given : undefined,
  };
}
