import { prefixedId } from "@opsdesk/identity";
import type { NewEvent, NewJob } from "@opsdesk/messaging/outcome";
import { type MovedDelivery, deliverJob, finished } from "./delivery.ts";
import { disabledEvent } from "./disabled-event.ts";
import { DELIVERABLE, type Endpoint } from "./endpoint.ts";
import {
  type BookedEndpoint,
  type BookRows,
  type EndpointBook,
  changed,
  live,
  noRows,
  withSecret,
} from "./endpoint-book.ts";
import type { ErrorCode } from "./error-codes.ts";
import { newDelivery } from "./new-delivery.ts";
import { moved } from "./settle-attempt.ts";

interface Fields {
  readonly name: string;
  readonly url: string;
  readonly ownerId: string;
  readonly contact: string;
  readonly teamId: string | null;
  readonly events: readonly string[];
}

/** Already encrypted, so that no event, log or row ever holds it in clear. */
interface SealedSecret {
  readonly secretId: string;
  readonly sealed: string;
}

export type EndpointCommand =
  | ({ readonly do: "create"; readonly secret: SealedSecret } & Fields)
  | ({ readonly do: "update"; readonly endpointId: string; readonly status?: "enabled" | "disabled" } & Partial<Fields>)
  | { readonly do: "delete"; readonly endpointId: string }
  | {
      readonly do: "rotate_secret";
      readonly endpointId: string;
      readonly secret: SealedSecret;
      readonly overlapSeconds: number;
    }
  | { readonly do: "test"; readonly endpointId: string }
  | { readonly do: "replay"; readonly endpointId?: string | undefined; readonly deliveryId?: string | undefined };

export interface CommandContext {
  readonly id: string;
  readonly tenant: string;
  readonly time: string;
  readonly correlationId: string;
  readonly now: string;
  /** Why a URL may not be called; undefined when it may. */
  readonly urlRefusal: (url: string) => string | undefined;
}

interface CommandEffects {
  readonly rows: BookRows;
  readonly jobs: readonly NewJob[];
  readonly events: readonly NewEvent[];
  readonly reply: Readonly<Record<string, unknown>>;
}

export type CommandResult =
  | ({ readonly ok: true } & CommandEffects)
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

const refuse = (code: ErrorCode, message: string): CommandResult => ({ ok: false, code, message });
const effects = (
  rows: BookRows,
  reply: Readonly<Record<string, unknown>>,
  more: Partial<CommandEffects> = {},
): CommandResult => ({
  ok: true,
  rows,
  reply,
  jobs: more.jobs ?? [],
  events: more.events ?? [],
});

/** What an administrator asks of the endpoints. */
export function commandEndpoint(command: EndpointCommand, book: EndpointBook, context: CommandContext): CommandResult {
  if (command.do === "create") return create(command, book, context);
  if (command.do === "replay") return replay(command, book, context);
  const booked = book.endpoints.get(command.endpointId);
  if (booked === undefined || booked.endpoint.status === "deleted")
    return refuse("endpoint_not_found", "There is no such endpoint.");
  const { tenant, now } = context;
  switch (command.do) {
    case "update":
      return update(command, booked, book, context);
    case "delete": {
      const deleted = changed(booked, { status: "deleted", disabledReason: null, disabledDetail: null }, now);
      return effects({ ...noRows(tenant), endpoints: [deleted] }, { endpointId: command.endpointId });
    }
    case "rotate_secret":
      return rotate(command, booked, context);
    case "test":
      return test(booked, context);
  }
}

function create(
  command: EndpointCommand & { do: "create" },
  book: EndpointBook,
  context: CommandContext,
): CommandResult {
  const problem = problemOf(command, book, context);
  if (problem !== undefined) return problem;
  const { tenant, now } = context;
  if (live(book).some(({ endpoint }) => endpoint.name === command.name))
    return refuse("endpoint_exists", `There is an endpoint ${command.name} already.`);
  const { name, url, ownerId, contact, teamId, events, secret } = command;
  const endpointId = prefixedId("whe", `${tenant}:${context.id}`);
  const endpoint: Endpoint = {
    tenant,
    endpointId,
    name,
    url,
    ownerId,
    contact,
    teamId,
    events,
    origin: "http",
    status: "enabled",
    disabledReason: null,
    disabledDetail: null,
    failingSince: null,
    slowUntil: null,
    sequence: 0,
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
  const kept = { tenant, endpointId, ...secret, createdAt: now };
  const booked = { endpoint, secrets: [{ secretId: secret.secretId, expiresAt: null }], loaded: null };
  return effects({ ...noRows(tenant), endpoints: [booked], secrets: [kept] }, { endpointId });
}

function update(
  command: EndpointCommand & { do: "update" },
  booked: BookedEndpoint,
  book: EndpointBook,
  context: CommandContext,
): CommandResult {
  const problem = problemOf(command, book, context);
  if (problem !== undefined) return problem;
  const { do: _, endpointId, status, ...fields } = command;
  if (
    fields.name !== undefined &&
    live(book).some(({ endpoint }) => endpoint.name === fields.name && endpoint.endpointId !== endpointId)
  )
    return refuse("endpoint_exists", `There is an endpoint ${fields.name} already.`);
  if (status === "enabled" && booked.secrets.length === 0)
    return refuse(
      "endpoint_secret_missing",
      "The endpoint has no signing secret: rotate its secret, which also enables it.",
    );
  const switched: Partial<Endpoint> =
    status === "enabled"
      ? { status, disabledReason: null, disabledDetail: null, failingSince: null, slowUntil: null }
      : status === "disabled" && booked.endpoint.status === "enabled"
        ? { status, disabledReason: "operator", disabledDetail: "An operator has disabled it." }
        : {};
  const next = changed(booked, { ...fields, ...switched }, context.now);
  const stopped = next.endpoint.status === "disabled" && booked.endpoint.status === "enabled";
  return effects(
    { ...noRows(context.tenant), endpoints: [next] },
    { endpointId },
    stopped ? { events: [disabledEvent(next.endpoint, "operator", next.endpoint.disabledDetail ?? "")] } : {},
  );
}

function rotate(
  command: EndpointCommand & { do: "rotate_secret" },
  booked: BookedEndpoint,
  { tenant, now }: CommandContext,
): CommandResult {
  const secret = { tenant, endpointId: command.endpointId, ...command.secret, createdAt: now };
  const { booked: rotated, expiring } = withSecret(booked, secret, command.overlapSeconds);
  // The way back for an endpoint that had none.
  const started: Partial<Endpoint> =
    booked.endpoint.disabledReason === "secret_missing"
      ? { status: "enabled", disabledReason: null, disabledDetail: null }
      : {};
  const overlapEndsAt = expiring.reduce<string | null>(
    (latest, one) => (latest === null || one.expiresAt > latest ? one.expiresAt : latest),
    null,
  );
  return effects(
    { ...noRows(tenant), endpoints: [changed(rotated, started, now)], secrets: [secret], expiring },
    { endpointId: command.endpointId, overlapEndsAt },
  );
}

/** A delivery like any other, with a number of its own, so that it proves what a real one would meet. */
function test(booked: BookedEndpoint, { id, tenant, time, correlationId, now }: CommandContext): CommandResult {
  const { endpoint } = booked;
  if (endpoint.status !== "enabled")
    return refuse("endpoint_not_enabled", endpoint.disabledDetail ?? "The endpoint is disabled.");
  const data = {
    message: "A test: nothing has happened.",
    endpointId: endpoint.endpointId,
    endpointName: endpoint.name,
  };
  const delivery = newDelivery({ id, type: "webhook.test", tenant, time, correlationId, data }, endpoint, null, now);
  // Not a change of the endpoint itself: only its counter moves.
  const counted = { ...booked, endpoint: { ...endpoint, sequence: delivery.sequence } };
  return effects(
    { ...noRows(tenant), endpoints: [counted], deliveries: [delivery] },
    { deliveryId: delivery.deliveryId },
    { jobs: [deliverJob(delivery)] },
  );
}

function replay(
  command: EndpointCommand & { do: "replay" },
  book: EndpointBook,
  { id, tenant, now }: CommandContext,
): CommandResult {
  if (command.deliveryId === undefined && command.endpointId === undefined)
    return refuse("arguments_invalid", "Name a delivery or an endpoint.");
  const chosen = book.chosen.get(id) ?? [];
  if (command.deliveryId !== undefined && chosen.length === 0)
    return refuse("delivery_not_found", "There is no such delivery.");
  const endpointId = command.endpointId ?? chosen[0]?.endpointId ?? "";
  const booked = book.endpoints.get(endpointId);
  if (booked === undefined || booked.endpoint.status === "deleted")
    return refuse("endpoint_not_found", "There is no such endpoint.");
  if (booked.endpoint.status !== "enabled")
    return refuse("endpoint_not_enabled", booked.endpoint.disabledDetail ?? "The endpoint is disabled.");
  // One that is on its way needs no repetition.
  const replayed: readonly MovedDelivery[] = chosen
    .filter((delivery) => finished(delivery))
    .map((delivery) => moved(delivery, { state: "due", tries: 0, nextAttemptAt: now, finishedAt: null }));
  return effects(
    { ...noRows(tenant), replayed },
    {
      replayed: replayed.length,
      deliveryIds: replayed.slice(0, 100).map((delivery) => delivery.deliveryId),
      lastSequence: replayed.at(-1)?.sequence ?? null,
    },
    { jobs: replayed.map((delivery) => deliverJob(delivery)) },
  );
}

function problemOf(fields: Partial<Fields>, book: EndpointBook, context: CommandContext): CommandResult | undefined {
  const unknown = fields.events?.find((type) => type !== "*" && !DELIVERABLE.some((known) => known === type));
  if (unknown !== undefined)
    return refuse(
      "arguments_invalid",
      `${unknown} is not an event that can be delivered; known are ${DELIVERABLE.join(", ")} and *.`.slice(0, 300),
    );
  if (fields.ownerId !== undefined && !book.people.has(fields.ownerId))
    return refuse("owner_unknown", "The owner is not a person of the desk.");
  if (fields.teamId !== undefined && fields.teamId !== null && !book.teams.has(fields.teamId))
    return refuse("team_unknown", "There is no such team.");
  const refusal = fields.url === undefined ? undefined : context.urlRefusal(fields.url);
  return refusal === undefined ? undefined : refuse("endpoint_url_refused", `This URL may not be called: ${refusal}.`);
}
