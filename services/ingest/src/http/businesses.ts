import { RejectedError } from "@opsdesk/errors";
import { prefixedId, sha256Hex } from "@opsdesk/identity";
import type { App, Ports } from "@opsdesk/service";
import type { AdminCommandSubmitted } from "@opsdesk/schemas/admin-command-submitted";
import Type from "typebox";
import { HTTP_SOURCE } from "../decide/http-source.ts";
import { answered } from "./outcome.ts";
import { problems } from "./schemas.ts";

const NewBusiness = Type.Object(
  {
    id: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,57}$", description: "the tenant, in every address and event" }),
    name: Type.String({ minLength: 1, maxLength: 300, pattern: "^[^\\u0000\\uD800-\\uDFFF]+$" }),
    locale: Type.Optional(Type.String({ pattern: "^[a-z]{2}(-[A-Z]{2})?$" })),
    timeZone: Type.Optional(Type.String({ pattern: "^[A-Za-z0-9_+/-]{1,100}$" })),
    apiKey: Type.Optional(
      Type.String({
        pattern: "^odk_[A-Za-z0-9_-]{43,190}$",
        description: "256 random bits of the caller's: kept before it is sent, it cannot be lost with the answer",
      }),
    ),
  },
  { additionalProperties: false },
);

const Created = Type.Object({
  tenant: Type.String(),
  keyId: Type.String(),
  apiKey: Type.String({ description: "shown once, kept nowhere" }),
});

/** `POST /v1/businesses`: makes a tenant with an empty desk and its first API key. */
export function businessRoutes(app: App, ports: Ports, installKeySha256: string | undefined): void {
  app.post(
    "/v1/businesses",
    // Not an API key but the installation's own key: there is no business yet whose key it could be.
    {
      config: { scope: "public" },
      schema: { body: NewBusiness, response: { 201: Created, ...problems(400, 401, 409) } },
    },
    async (request, reply) => {
      const key = /^Bearer (\S{16,400})$/.exec(request.headers.authorization ?? "")?.[1];
      // Hashes are compared, so the time it takes says nothing about the key.
      if (installKeySha256 === undefined || key === undefined || sha256Hex(key) !== installKeySha256)
        throw new RejectedError("unauthenticated", "wrong installation key", {
          publicMessage: "Send the installation's key: `Authorization: Bearer …`.",
        });
      const { id, name, locale = "en", timeZone = "UTC" } = request.body;
      const { apiKey = newApiKey() } = request.body;
      const sha256 = sha256Hex(apiKey);
      const keyId = prefixedId("key", `${id}:${sha256}`);
      const data: AdminCommandSubmitted = {
        actor: { kind: "system", id: "installation" },
        target: "policy",
        command: "business.create",
        arguments: { name, locale, timeZone, keyId, sha256, scopes: ["*"] },
      };
      answered(
        await ports.offer({
          handler: "on-admin-command",
          type: "admin.command_submitted",
          tenant: id,
          source: HTTP_SOURCE,
          data,
          idempotencyKey: `${id}:http:business:${sha256}`,
          key: id,
        }),
      );
      return reply.status(201).send({ tenant: id, keyId, apiKey });
    },
  );
}

/** 256 random bits, as letters that survive any shell. */
function newApiKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `odk_${btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "")}`;
}
