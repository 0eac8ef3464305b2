import type { Database, Read } from "@opsdesk/database";
import { RejectedError, TransientError } from "@opsdesk/errors";
import { newId } from "@opsdesk/identity";
import type { Offer } from "@opsdesk/messaging";
import type { AdminCommandSubmitted } from "@opsdesk/schemas/admin-command-submitted";
import type { App, KeyHolder } from "@opsdesk/service";
import Type, { type Static } from "typebox";
import type { SwitchReply } from "../decide/switch-auto-send.ts";
import { stopsOf } from "../store/switches.ts";

export interface AutoSendPorts {
  readonly database: Database;
  readonly offer: Offer;
}

const WriteHeaders = Type.Object({
  "idempotency-key": Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
});

const Wish = Type.Object(
  {
    enabled: Type.Boolean({ description: "false stops automatic replies; true lifts a stop" }),
    categories: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
        maxItems: 200,
        description: "ids of categories; absent or empty: the whole desk",
      }),
    ),
  },
  { additionalProperties: false },
);

const Stops = Type.Object({
  stopped: Type.Array(
    Type.Object({
      categoryId: Type.Union([Type.String(), Type.Null()], { description: "null: the whole desk" }),
      by: Type.String(),
      at: Type.String(),
    }),
    { description: "what is stopped by hand; what may be sent at all is licensed by the desk's own policy" },
  ),
});

/** The kill switch of automatic replies: what is stopped, and stopping or lifting it. */
export const autoSendRoutes =
  ({ database, offer }: AutoSendPorts) =>
  (app: App): void => {
    app.get("/v1/auto-send", { config: { scope: "desk:read" }, schema: { response: { 200: Stops } } }, (request) =>
      stops(database, request.holder.tenant),
    );
    app.put(
      "/v1/auto-send",
      { config: { scope: "desk:write" }, schema: { headers: WriteHeaders, body: Wish, response: { 200: Stops } } },
      async (request) => {
        await submit(offer, request.holder, request.body, request.headers["idempotency-key"] ?? newId());
        return await stops(database, request.holder.tenant);
      },
    );
  };

/** Answers once the gate has committed it: the next proposal is decided under it. */
async function submit(
  offer: Offer,
  { tenant, keyId }: KeyHolder,
  { enabled, categories = [] }: Static<typeof Wish>,
  key: string,
): Promise<void> {
  const data: AdminCommandSubmitted = {
    actor: { kind: "system", id: keyId },
    target: "policy",
    command: enabled ? "auto_send_on" : "auto_send_off",
    arguments: { categories },
  };
  const result = await offer({
    handler: "on-admin-command",
    type: "admin.command_submitted",
    tenant,
    source: `key:${keyId}`,
    data,
    idempotencyKey: `${tenant}:http:auto-send:${key}`,
    key: tenant,
  });
  if (result.status === "deferred")
    throw new TransientError("desk_not_configured", "the desk has not arrived yet", {
      publicMessage: "The desk has not arrived at the gate yet; try again in a few seconds.",
    });
  if (result.status === "rejected")
    throw new RejectedError(result.code, result.message, { publicMessage: result.message });
  // The handler's own reply; its type is lost on the way through the runtime. A repeat has none and changes nothing.
  const refused = result.status === "done" ? (result.reply as SwitchReply).refused : undefined;
  if (refused !== undefined) throw new RejectedError(refused.code, refused.message, { publicMessage: refused.message });
}

async function stops(read: Read, tenant: string): Promise<Static<typeof Stops>> {
  const found = await stopsOf(read, tenant);
  return {
    stopped: found.map(({ categoryId, changedAt, changedBy }) => ({
      categoryId: categoryId === "" ? null : categoryId,
      by: changedBy,
      at: changedAt.toISOString(),
    })),
  };
}
