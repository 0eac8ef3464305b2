type EndpointStatus = "enabled" | "disabled" | "deleted";
export type DisabledReason = "secret_missing" | "operator" | "gone" | "failing";

/** Whom a business wants told, and where. Times are RFC 3339. */
export interface Endpoint {
  readonly tenant: string;
  readonly endpointId: string;
  readonly name: string;
  readonly url: string;
  readonly ownerId: string;
  readonly contact: string;
  readonly teamId: string | null;
  /** Event types; `*` stands for all that can be delivered. */
  readonly events: readonly string[];
  /** Declared in the desk pack, or made by HTTP. */
  readonly origin: "desk" | "http";
  readonly status: EndpointStatus;
  readonly disabledReason: DisabledReason | null;
  readonly disabledDetail: string | null;
  /** Since when no delivery has succeeded; null while the endpoint is well. */
  readonly failingSince: string | null;
  /** Not to be called before: it asked for time, or its gateway gave up. */
  readonly slowUntil: string | null;
  /** Of its newest delivery. */
  readonly sequence: number;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** An encrypted signing secret. The one without an end is the newest. */
export interface EndpointSecret {
  readonly secretId: string;
  readonly sealed: string;
  readonly expiresAt: string | null;
}

/** The event types that an endpoint may subscribe to. */
export const DELIVERABLE = [
  "ai.draft.review_required",
  "ai.draft.auto_approved",
  "ai.draft.reviewed",
  "ai.draft.retired",
  "ai.draft.decision_refused",
  "reply.sent",
  "reply.failed",
  "followup.suggested",
  "ticket.changed",
] as const;
export type DeliverableType = (typeof DELIVERABLE)[number];

export const subscribesTo = (endpoint: Endpoint, type: string): boolean =>
  endpoint.events.includes(type) || endpoint.events.includes("*");

const SHADOW_SUFFIX = "~eval";
/** Evaluation never reaches the outside world. */
export const isShadow = (tenant: string): boolean => tenant.endsWith(SHADOW_SUFFIX);
