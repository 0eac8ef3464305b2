import type { BookedEndpoint, EndpointBook } from "./endpoint-book.ts";
import type { NewDelivery } from "./delivery.ts";
import type { Endpoint } from "./endpoint.ts";

export const NOW = "2026-11-22T10:00:00.000Z";

export const anEndpoint = (change: Partial<Endpoint> = {}): Endpoint => ({
  tenant: "it-helpdesk",
  endpointId: "whe_1",
  name: "crm",
  url: "https://crm.example.com/hook",
  ownerId: "priya",
  contact: "crm@example.com",
  teamId: null,
  events: ["reply.sent"],
  origin: "desk",
  status: "enabled",
  disabledReason: null,
  disabledDetail: null,
  failingSince: null,
  slowUntil: null,
  sequence: 4,
  version: 2,
  createdAt: NOW,
  updatedAt: NOW,
  ...change,
});

export const aBooked = (
  change: Partial<Endpoint> = {},
  secrets: BookedEndpoint["secrets"] = [{ secretId: "sec_1", expiresAt: null }],
): BookedEndpoint => {
  const endpoint = anEndpoint(change);
  return { endpoint, secrets, loaded: { version: endpoint.version, sequence: endpoint.sequence } };
};

export const aBook = (...booked: readonly BookedEndpoint[]): EndpointBook => ({
  endpoints: new Map(booked.map((one) => [one.endpoint.endpointId, one])),
  people: new Set(["priya"]),
  teams: new Set(["networks"]),
  chosen: new Map(),
});

export const aDelivery = (change: Partial<NewDelivery> = {}): NewDelivery => ({
  tenant: "it-helpdesk",
  deliveryId: "dlv_1",
  endpointId: "whe_1",
  lane: "tkt_1",
  eventId: "evt_1",
  eventType: "reply.sent",
  ticketId: "tkt_1",
  reference: "OD-1",
  correlationId: "corr_1",
  sequence: 4,
  previousId: null,
  state: "due",
  attempts: 0,
  tries: 0,
  lastStatus: null,
  lastCode: null,
  lastHash: null,
  nextAttemptAt: NOW,
  finishedAt: null,
  createdAt: NOW,
  version: 1,
  body: "{}",
  ...change,
});
