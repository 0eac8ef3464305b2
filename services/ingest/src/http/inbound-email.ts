import { sha256Hex } from "@opsdesk/identity";
import type { App, Ports } from "@opsdesk/service";
import type { MailParser } from "../clients/mail-parser.ts";
import { RAW_MAIL_TYPE } from "../decide/enquiry-ids.ts";
import { enquiryOfMail } from "../decide/read-email.ts";
import { refused } from "./outcome.ts";
import { Accepted, WriteHeaders, acceptedBody, problems } from "./schemas.ts";
import { keepFile, submit } from "./submit.ts";

const MAIL_BYTES_MAX = 25 * 1024 * 1024;
/** One place of the fifty is the letter itself. */
const ATTACHMENTS_MAX = 49;

/** `POST /v1/inbound-email`: one `message/rfc822`, as a mail server hands it over. */
export function inboundEmailRoutes(app: App, ports: Ports, parser: MailParser): void {
  app.addContentTypeParser(
    "message/rfc822",
    { parseAs: "buffer", bodyLimit: MAIL_BYTES_MAX },
    (_request, body, parsed) => parsed(null, body),
  );
  app.post(
    "/v1/inbound-email",
    {
      config: { scope: "enquiries:write" },
      bodyLimit: MAIL_BYTES_MAX,
      schema: {
        headers: WriteHeaders,
        consumes: ["message/rfc822"],
        response: { 202: Accepted, ...problems(400, 409, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const { tenant } = request.holder;
      const raw: unknown = request.body;
      if (!(raw instanceof Uint8Array) || raw.byteLength === 0)
        throw refused("email_invalid", "the body must be one message/rfc822");
      // Before anything reads it: whatever happens next, the letter is there.
      const letter = await keepFile(ports.blobs, tenant, {
        name: "message.eml",
        content: raw,
        contentType: RAW_MAIL_TYPE,
      });
      const mail = await parser.parse(raw);
      const files = [];
      for (const attachment of mail.attachments.slice(0, ATTACHMENTS_MAX))
        files.push(await keepFile(ports.blobs, tenant, attachmentOf(attachment)));
      const data = enquiryOfMail(mail, sha256Hex(raw), [letter, ...files]);
      if ("code" in data) throw refused(data.code, data.message);
      const receipt = await submit(ports, {
        tenant,
        source: "email",
        data,
        requestKey: request.headers["idempotency-key"],
      });
      return reply.status(202).send(acceptedBody(receipt));
    },
  );
}

/** Its type is told by its bytes: what the sender says of it is dropped. */
const attachmentOf = ({ name, content }: { name: string; content: Uint8Array }) => ({ name, content });
