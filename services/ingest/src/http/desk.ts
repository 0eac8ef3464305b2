import { readDeskPack } from "@opsdesk/desk-pack";
import { contentHash, newId } from "@opsdesk/identity";
import { type App, type Ports, ProblemsError } from "@opsdesk/service";
import type { AdminCommandSubmitted } from "@opsdesk/schemas/admin-command-submitted";
import Type from "typebox";
import type { DeskReceipt } from "../decide/apply-desk.ts";
import { isUnsafe } from "../decide/clip-text.ts";
import { partsOf } from "../decide/desk-events.ts";
import { HTTP_SOURCE } from "../decide/http-source.ts";
import type { Businesses } from "../store/businesses.ts";
import { filesHashOf } from "../store/desk-rows.ts";
import { answered, refused } from "./outcome.ts";
import { WriteHeaders, problems } from "./schemas.ts";
import { actorOf } from "./tickets.ts";

/** A pack has at most 16 Mi characters; as JSON they need more. */
const PACK_BYTES_MAX = 64 * 1024 * 1024;

const Pack = Type.Object(
  {
    files: Type.Record(Type.String(), Type.String(), { description: "relative path → text" }),
    actorId: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  },
  { additionalProperties: false },
);

const Applied = Type.Object({
  version: Type.Integer(),
  contentHash: Type.String(),
  changed: Type.Boolean(),
  examples: Type.Integer(),
  documentsSubmitted: Type.Array(Type.String()),
  documentsRetired: Type.Array(Type.String()),
});

const Examples = Type.Object(
  {
    set: Type.Optional(
      Type.String({
        pattern: "^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$",
        description: "what these belong together as; default http",
      }),
    ),
    examples: Type.Array(
      Type.Object(
        {
          text: Type.String({ minLength: 1, maxLength: 4_000 }),
          categoryId: Type.String({ minLength: 1, maxLength: 200 }),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 20_000 },
    ),
  },
  { additionalProperties: false },
);

/** The desk as code (`PUT /v1/desk`) and further examples to learn from. */
export function deskRoutes(app: App, ports: Ports, businesses: Businesses): void {
  app.put(
    "/v1/desk",
    {
      config: { scope: "desk:write" },
      bodyLimit: PACK_BYTES_MAX,
      schema: { headers: WriteHeaders, body: Pack, response: { 200: Applied, ...problems(400, 403, 409, 413, 422) } },
    },
    async (request, reply) => {
      const { tenant } = request.holder;
      const { files, actorId } = request.body;
      const read = readDeskPack(new Map(Object.entries(files)));
      if ("problems" in read)
        throw new ProblemsError(
          "desk_pack_invalid",
          `The desk pack has ${read.problems.length} problems.`,
          read.problems,
        );
      const business = await businessOf(ports, businesses, tenant);
      const { ref } = await ports.blobs.put(tenant, new TextEncoder().encode(JSON.stringify(files)));
      const data: AdminCommandSubmitted = {
        actor: actorOf(request.holder, actorId),
        target: "policy",
        command: "desk.apply",
        arguments: { blob: ref },
      };
      const requestKey = request.headers["idempotency-key"] ?? newId();
      const result = answered(
        await ports.offer({
          handler: "on-admin-command",
          type: "admin.command_submitted",
          tenant,
          source: HTTP_SOURCE,
          data,
          idempotencyKey: `${tenant}:http:desk:${requestKey}`,
          key: tenant,
        }),
      );
      if (result.status === "duplicate" && (await filesHashOf(ports.database, tenant)) !== read.pack.filesHash)
        throw refused("idempotency_key_reused", "this key was used before, and the desk is not what these files make");
      // `on-admin-command` answers an applied pack with its receipt; a repeat of a request changed nothing.
      const receipt = (result.reply ?? unchanged(business.version, contentHash(business.desk))) as DeskReceipt;
      const { documentsSubmitted, documentsRetired } = receipt;
      return reply.send({
        ...receipt,
        documentsSubmitted: [...documentsSubmitted],
        documentsRetired: [...documentsRetired],
      });
    },
  );

  app.post(
    "/v1/examples",
    {
      config: { scope: "desk:write" },
      bodyLimit: PACK_BYTES_MAX,
      schema: {
        headers: WriteHeaders,
        body: Examples,
        response: {
          202: Type.Object({ set: Type.String(), parts: Type.Integer(), examples: Type.Integer() }),
          ...problems(400, 413, 422),
        },
      },
    },
    async (request, reply) => {
      const { tenant } = request.holder;
      const { set = "http", examples } = request.body;
      const { desk, version } = await businessOf(ports, businesses, tenant);
      const categories = new Set(desk.categories.map((category) => category.id));
      const wrong = examples.flatMap(({ text, categoryId }, index) => [
        ...(categories.has(categoryId)
          ? []
          : [{ path: `/examples/${index}/categoryId`, message: `${categoryId} is not a category of this desk` }]),
        ...(isUnsafe(text)
          ? [{ path: `/examples/${index}/text`, message: "holds a NUL or half of a surrogate pair" }]
          : []),
      ]);
      if (wrong.length > 0)
        throw new ProblemsError(
          "category_not_in_desk",
          `${wrong.length} examples cannot be learnt from.`,
          wrong.slice(0, 100),
        );
      const parts = partsOf(set, version, examples);
      const key = request.headers["idempotency-key"] ?? contentHash(examples);
      for (const data of parts)
        await ports.publish({
          type: "examples.submitted",
          tenant,
          data,
          idempotencyKey: `${tenant}:http:examples:${set}:${version}:${key}:${data.part}`,
          key: tenant,
        });
      return reply.status(202).send({ set, parts: parts.length, examples: examples.length });
    },
  );
}

async function businessOf({ database }: Ports, businesses: Businesses, tenant: string) {
  const business = (await businesses.byTenant(database, [tenant])).get(tenant);
  if (business === undefined) throw refused("business_unknown", `there is no business ${tenant}`);
  return business;
}

const unchanged = (version: number, hash: string): DeskReceipt => ({
  version,
  contentHash: hash,
  changed: false,
  examples: 0,
  documentsSubmitted: [],
  documentsRetired: [],
});
