import type { Delivery, MovedDelivery, NewDelivery } from "./delivery.ts";
import type { Endpoint, EndpointSecret } from "./endpoint.ts";

export interface NewSecret {
  readonly tenant: string;
  readonly endpointId: string;
  readonly secretId: string;
  readonly sealed: string;
  readonly createdAt: string;
}

/** An endpoint with what a change of it must know. */
export interface BookedEndpoint {
  readonly endpoint: Endpoint;
  /** All that it ever had, newest first: one that has ended is known when it is declared again. */
  readonly secrets: readonly Omit<EndpointSecret, "sealed">[];
  /** As it was loaded, which the write is conditional on; null for one that is new. */
  readonly loaded: { readonly version: number; readonly sequence: number } | null;
}

/** What an administrator's commands and a desk's declarations are decided about: one tenant's endpoints, and their people. */
export interface EndpointBook {
  readonly endpoints: ReadonlyMap<string, BookedEndpoint>;
  readonly people: ReadonlySet<string>;
  readonly teams: ReadonlySet<string>;
  /** Finished deliveries that a command asks to repeat, by command, in order. */
  readonly chosen: ReadonlyMap<string, readonly Delivery[]>;
}

export interface ExpiringSecret {
  readonly tenant: string;
  readonly endpointId: string;
  readonly secretId: string;
  readonly expiresAt: string;
}

interface AnsweredCommand {
  readonly tenant: string;
  readonly commandId: string;
  readonly contentHash: string;
  readonly reply: unknown;
  readonly at: string;
}

/** What a decision about endpoints changes. */
export interface BookRows {
  readonly tenant: string;
  readonly endpoints: readonly BookedEndpoint[];
  readonly secrets: readonly NewSecret[];
  readonly expiring: readonly ExpiringSecret[];
  readonly deliveries: readonly NewDelivery[];
  readonly replayed: readonly MovedDelivery[];
  readonly command: AnsweredCommand | null;
}

export const noRows = (tenant: string): BookRows => ({
  tenant,
  endpoints: [],
  secrets: [],
  expiring: [],
  deliveries: [],
  replayed: [],
  command: null,
});

/** The book that the next event of the batch finds. */
export function afterRows(book: EndpointBook, rows: BookRows): EndpointBook {
  const endpoints = new Map(book.endpoints);
  for (const booked of rows.endpoints) endpoints.set(booked.endpoint.endpointId, booked);
  // A delivery is repeated once a batch: a second change of its row in one statement would be lost.
  const taken = new Set(rows.replayed.map((delivery) => delivery.deliveryId));
  const chosen =
    taken.size === 0
      ? book.chosen
      : new Map(
          [...book.chosen].map(([command, deliveries]) => [
            command,
            deliveries.filter((one) => !taken.has(one.deliveryId)),
          ]),
        );
  return { ...book, endpoints, chosen };
}

export const live = (book: EndpointBook): readonly BookedEndpoint[] =>
  [...book.endpoints.values()].filter(({ endpoint }) => endpoint.status !== "deleted");

/** The endpoint after a change, one version on. */
export const changed = (booked: BookedEndpoint, change: Partial<Endpoint>, now: string): BookedEndpoint => ({
  ...booked,
  endpoint: { ...booked.endpoint, ...change, version: booked.endpoint.version + 1, updatedAt: now },
});

/** A new secret in front; the others sign along until the overlap ends. */
export function withSecret(
  booked: BookedEndpoint,
  secret: NewSecret,
  overlapSeconds: number,
): { booked: BookedEndpoint; expiring: readonly ExpiringSecret[] } {
  const end = new Date(Date.parse(secret.createdAt) + overlapSeconds * 1_000).toISOString();
  const { tenant, endpointId } = booked.endpoint;
  const older = booked.secrets.map(({ secretId, expiresAt }) => ({
    secretId,
    expiresAt: expiresAt !== null && expiresAt < end ? expiresAt : end,
  }));
  return {
    booked: { ...booked, secrets: [{ secretId: secret.secretId, expiresAt: null }, ...older] },
    expiring: older.map(({ secretId, expiresAt }) => ({ tenant, endpointId, secretId, expiresAt })),
  };
}
