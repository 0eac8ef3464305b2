import type { App, Ports } from "@opsdesk/service";
import type { EnquirySubmitted } from "@opsdesk/schemas/enquiry-submitted";
import Type from "typebox";
import { utf8Length, SOURCE_TEXT_BYTES_MAX } from "../decide/clip-text.ts";
import { submissionBy } from "../store/known-messages.ts";
import { refused } from "./outcome.ts";
import { Accepted, WriteHeaders, acceptedBody, problems } from "./schemas.ts";
import { keepFile, submit } from "./submit.ts";

/** 25 MiB of attachments as base64, and the words beside them. */
const BODY_BYTES_MAX = 36 * 1024 * 1024;

const Attachment = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 320 }), content: Type.String({ description: "base64" }) },
  { additionalProperties: false },
);

const Enquiry = Type.Object(
  {
    channel: Type.Union([
      Type.Literal("email"),
      Type.Literal("web"),
      Type.Literal("phone"),
      Type.Literal("chat"),
      Type.Literal("api"),
    ]),
    from: Type.Object(
      {
        name: Type.String({ maxLength: 320 }),
        email: Type.Optional(Type.String({ maxLength: 320, pattern: "^[^@\\s]+@[^@\\s]+$" })),
        phone: Type.Optional(Type.String({ maxLength: 320 })),
      },
      { additionalProperties: false },
    ),
    subject: Type.Optional(Type.String({ maxLength: 320 })),
    text: Type.String({ maxLength: 1_048_576, description: "complete, up to 1 MiB of UTF-8" }),
    externalId: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    references: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
        maxItems: 100,
        description: "external ids of earlier messages, nearest last",
      }),
    ),
    source: Type.Optional(
      Type.String({
        pattern: "^[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}$",
        description: "whose external ids these are; default api",
      }),
    ),
    receivedAt: Type.Optional(
      Type.String({ pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)$" }),
    ),
    automatic: Type.Optional(Type.Boolean()),
    attachments: Type.Optional(Type.Array(Attachment, { maxItems: 50 })),
  },
  { additionalProperties: false },
);

/** `POST /v1/enquiries` and what became of one. */
export function enquiryRoutes(app: App, ports: Ports): void {
  app.post(
    "/v1/enquiries",
    {
      config: { scope: "enquiries:write" },
      bodyLimit: BODY_BYTES_MAX,
      schema: { headers: WriteHeaders, body: Enquiry, response: { 202: Accepted, ...problems(400, 409, 413, 422) } },
    },
    async (request, reply) => {
      const { tenant } = request.holder;
      const { source = "api", attachments = [], receivedAt, ...body } = request.body;
      if (utf8Length(body.text) > SOURCE_TEXT_BYTES_MAX)
        throw refused("text_too_large", "the text is larger than 1 MiB");
      const files = await Promise.all(
        attachments.map(({ name, content }) =>
          keepFile(ports.blobs, tenant, { name, content: fromBase64(name, content) }),
        ),
      );
      const data: EnquirySubmitted = {
        ...body,
        ...(receivedAt === undefined ? {} : { receivedAt: instant(receivedAt) }),
        ...(files.length === 0 ? {} : { attachments: files }),
      };
      const receipt = await submit(ports, { tenant, source, data, requestKey: request.headers["idempotency-key"] });
      return reply.status(202).send(acceptedBody(receipt));
    },
  );

  app.get(
    "/v1/enquiries/:source/:externalId",
    {
      config: { scope: "tickets:read" },
      schema: {
        params: Type.Object({
          source: Type.String({ minLength: 1, maxLength: 300 }),
          externalId: Type.String({ minLength: 1, maxLength: 200 }),
        }),
        response: { 200: Accepted, ...problems(404) },
      },
    },
    async (request, reply) => {
      const { source, externalId } = request.params;
      const unreadable = `${source}${externalId}`.includes("\0");
      const known = unreadable
        ? undefined
        : await submissionBy(ports.database, request.holder.tenant, { source, externalId });
      if (known === undefined) throw refused("enquiry_not_found", `nothing came from ${source} under ${externalId}`);
      return reply.send(acceptedBody(known));
    },
  );
}

/** An instant that the store takes too: `2026-02-30` has the form and is none. */
function instant(text: string): string {
  const time = Date.parse(text);
  const year = new Date(time).getUTCFullYear();
  if (Number.isNaN(time) || year < 1_970 || year > 9_999)
    throw refused("time_invalid", "receivedAt is not a point in time");
  return new Date(time).toISOString();
}

function fromBase64(name: string, content: string): Uint8Array {
  try {
    return Uint8Array.from(atob(content), (character) => character.codePointAt(0) ?? 0);
  } catch {
    throw refused("attachment_invalid", `the attachment ${name} is not base64`);
  }
}
