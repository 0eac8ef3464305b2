import { RejectedError } from "@opsdesk/errors";
import type { KeyHolder } from "@opsdesk/service";
import type { ConsoleErrorCode } from "../errors.ts";

const SHADOW = "~eval";

/**
 * Whose read model a request sees: the key's own tenant. Evaluation may look into the shadow of it, where the desk is
 * tried out; nobody else meets shadow tickets anywhere.
 */
export function tenantOf(holder: KeyHolder, query: { readonly shadow?: string }): string {
  if (query.shadow !== "true" || holder.tenant.endsWith(SHADOW)) return holder.tenant;
  if (!holder.scopes.includes("evaluation:read") && !holder.scopes.includes("*"))
    throw new RejectedError<ConsoleErrorCode>("forbidden", `key ${holder.keyId} lacks evaluation:read`, {
      publicMessage: "Looking into the shadow tenant takes the scope evaluation:read.",
    });
  return `${holder.tenant}${SHADOW}`;
}
