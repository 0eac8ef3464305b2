import type { Desks } from "@opsdesk/desk";
import type { AnyHandler } from "@opsdesk/messaging";
import { DELIVERABLE } from "./decide/endpoint.ts";
import type { DeclaredSecret } from "./decide/sync-endpoints.ts";
import { onAdminCommand } from "./handlers/on-admin-command.ts";
import { onDeliverable } from "./handlers/on-deliverable.ts";
import { onDeskConfigured } from "./handlers/on-desk-configured.ts";

interface SubscriptionPorts {
  readonly desks: Desks;
  readonly declaredSecrets: ReadonlyMap<string, DeclaredSecret>;
  readonly urlRefusal: (url: string) => string | undefined;
}

/** What this service listens to, by handler name: part of the inbox key, so renaming one is a migration. */
export const subscriptions = ({
  desks,
  declaredSecrets,
  urlRefusal,
}: SubscriptionPorts): Readonly<Record<string, AnyHandler>> => ({
  "on-desk-configured": onDeskConfigured(desks, declaredSecrets),
  "on-admin-command": onAdminCommand({ desks, urlRefusal }),
  // `on-ai-draft-review-required`, and so on.
  ...Object.fromEntries(DELIVERABLE.map((type) => [`on-${type.replaceAll(/[._]/g, "-")}`, onDeliverable(type)])),
});
