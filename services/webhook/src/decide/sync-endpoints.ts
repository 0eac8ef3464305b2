import { prefixedId } from "@opsdesk/identity";
import type { NewEvent } from "@opsdesk/messaging/outcome";
import type { Desk } from "@opsdesk/schemas/desk";
import { disabledEvent } from "./disabled-event.ts";
import type { Endpoint } from "./endpoint.ts";
import {
  type BookedEndpoint,
  type BookRows,
  type EndpointBook,
  type ExpiringSecret,
  type NewSecret,
  changed,
  live,
  noRows,
  withSecret,
} from "./endpoint-book.ts";

/** A signing secret that the operator gave for an endpoint of this name; the id changes with the secret. */
export interface DeclaredSecret {
  readonly secretId: string;
  readonly sealed: string;
}

type Declared = Desk["endpoints"][number];

export const OVERLAP_SECONDS = 86_400;

const inVariable = (text: string): string => text.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");

/**
 * `crm-eu` of `north-gate` is configured as `OPSDESK_ENDPOINT_SECRET_NORTH_GATE__CRM_EU`. Only the business's part can
 * hold two underlines in a row, so that no name that one business declares is read as another's.
 */
export const secretName = (tenant: string, endpointName: string): string =>
  `${inVariable(tenant)}__${inVariable(endpointName).replaceAll(/_+/g, "_").replace(/^_/, "")}`;

const missing = (tenant: string, name: string): string =>
  `It has no signing secret: set OPSDESK_ENDPOINT_SECRET_${secretName(tenant, name)} and restart, or rotate its secret over HTTP.`.slice(
    0,
    300,
  );

/** Makes a tenant's endpoints what its desk declares. Those made by HTTP stay, unless the desk now declares their name. */
export function syncEndpoints(
  tenant: string,
  declared: readonly Declared[],
  book: EndpointBook,
  secrets: ReadonlyMap<string, DeclaredSecret>,
  now: string,
): { rows: BookRows; events: readonly NewEvent[] } {
  const events: NewEvent[] = [];
  const endpoints: BookedEndpoint[] = [];
  const newSecrets: NewSecret[] = [];
  const expiring: ExpiringSecret[] = [];
  const names = new Set(declared.map(({ name }) => name));
  for (const one of declared) {
    const known = knownAs(book, tenant, one.name);
    let booked = known === undefined ? created(tenant, one, now) : redeclared(known, one, now);
    const given = secrets.get(secretName(tenant, one.name));
    if (given !== undefined && !booked.secrets.some(({ secretId }) => secretId === given.secretId)) {
      const secret = { tenant, endpointId: booked.endpoint.endpointId, ...given, createdAt: now };
      const rotated = withSecret(booked, secret, OVERLAP_SECONDS);
      booked = rotated.booked;
      newSecrets.push(secret);
      expiring.push(...rotated.expiring);
    }
    booked = { ...booked, endpoint: enabledBySecret(booked) };
    const { endpoint } = booked;
    if (endpoint.disabledReason === "secret_missing" && known?.endpoint.disabledReason !== "secret_missing")
      events.push(disabledEvent(endpoint, "secret_missing", endpoint.disabledDetail ?? ""));
    endpoints.push(booked);
  }
  for (const booked of live(book)) {
    if (booked.endpoint.origin !== "desk" || names.has(booked.endpoint.name)) continue;
    endpoints.push(changed(booked, { status: "deleted", disabledReason: null, disabledDetail: null }, now));
  }
  return { rows: { ...noRows(tenant), endpoints, secrets: newSecrets, expiring }, events };
}

const idOf = (tenant: string, name: string): string => prefixedId("whe", `${tenant}:desk:${name}`);

function knownAs(book: EndpointBook, tenant: string, name: string): BookedEndpoint | undefined {
  return live(book).find(({ endpoint }) => endpoint.name === name) ?? book.endpoints.get(idOf(tenant, name));
}

const told = (one: Declared) => ({
  url: one.url,
  ownerId: one.ownerId,
  contact: one.contact,
  teamId: one.teamId ?? null,
  events: one.events,
});

function created(tenant: string, one: Declared, now: string): BookedEndpoint {
  const endpoint: Endpoint = {
    tenant,
    endpointId: idOf(tenant, one.name),
    name: one.name,
    ...told(one),
    origin: "desk",
    status: "disabled",
    disabledReason: "secret_missing",
    disabledDetail: missing(tenant, one.name),
    failingSince: null,
    slowUntil: null,
    sequence: 0,
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
  return { endpoint, secrets: [], loaded: null };
}

function redeclared(known: BookedEndpoint, one: Declared, now: string): BookedEndpoint {
  const back: Partial<Endpoint> =
    known.endpoint.status === "deleted"
      ? {
          status: "disabled",
          disabledReason: "secret_missing",
          disabledDetail: missing(known.endpoint.tenant, one.name),
          failingSince: null,
          slowUntil: null,
        }
      : {};
  return changed(known, { ...told(one), origin: "desk", ...back }, now);
}

/** Only what the lack of a secret has stopped is started by one: an operator's decision stands. */
function enabledBySecret({ endpoint, secrets }: BookedEndpoint): Endpoint {
  if (endpoint.disabledReason !== "secret_missing" || secrets.length === 0) return endpoint;
  return { ...endpoint, status: "enabled", disabledReason: null, disabledDetail: null };
}
