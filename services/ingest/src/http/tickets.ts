import { newId } from "@opsdesk/identity";
import type { App, KeyHolder, Ports } from "@opsdesk/service";
import type { Actor } from "@opsdesk/schemas/common";
import { Command, type TicketCommandSubmitted } from "@opsdesk/schemas/ticket-command-submitted";
import Type, { type Static } from "typebox";
import { HTTP_SOURCE } from "../decide/http-source.ts";
import { type TicketName, ticketNamed, ticketView } from "../store/ticket-view.ts";
import { answered, refused } from "./outcome.ts";
import { Accepted, Reference, WriteHeaders, acceptedBody, problems } from "./schemas.ts";
import { submit } from "./submit.ts";

const Message = Type.Object(
  {
    text: Type.String({ minLength: 1, maxLength: 1_048_576 }),
    from: Type.Optional(
      Type.Object(
        {
          name: Type.String({ maxLength: 320 }),
          email: Type.Optional(Type.String({ maxLength: 320, pattern: "^[^@\\s]+@[^@\\s]+$" })),
        },
        { additionalProperties: false },
      ),
    ),
    externalId: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    automatic: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

const TicketCommand = Type.Object(
  {
    actorId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: "a person of the desk; without one, the key's owner acts",
      }),
    ),
    expectedVersion: Type.Optional(Type.Integer({ minimum: 1 })),
    command: Command,
  },
  { additionalProperties: false },
);

const CommandDone = Type.Object({
  ticketId: Type.String(),
  reference: Type.String(),
  aggregateVersion: Type.Integer(),
  conversationVersion: Type.Integer(),
  commandId: Type.String(),
});

/** A ticket by its reference: reading it, a further message of its customer, and what people do with it. */
export function ticketRoutes(app: App, ports: Ports): void {
  app.get(
    "/v1/tickets/:ref",
    {
      config: { scope: "tickets:read" },
      schema: { params: Reference, response: { 200: Type.Record(Type.String(), Type.Unknown()), ...problems(404) } },
    },
    async (request, reply) => {
      const view = request.params.ref.includes("\0")
        ? undefined
        : await ticketView(ports.database, request.holder.tenant, request.params.ref);
      if (view === undefined) throw refused("ticket_unknown", `there is no ticket ${request.params.ref}`);
      return reply.send(view);
    },
  );

  app.post(
    "/v1/tickets/:ref/messages",
    {
      config: { scope: "enquiries:write" },
      schema: {
        params: Reference,
        headers: WriteHeaders,
        body: Message,
        response: { 202: Accepted, ...problems(400, 404, 409, 413, 422) },
      },
    },
    async (request, reply) => {
      const { tenant } = request.holder;
      const ticket = await named(ports, tenant, request.params.ref);
      const { text, externalId, automatic, from } = request.body;
      const data = {
        channel: ticket.channel,
        from: from ?? senderOf(ticket),
        text,
        // Our own id of its first message: that is what makes it a message of this ticket. Of the newest it would be
        // another submission each time, and whoever lost our answer could not ask again.
        references: [ticket.firstMessageId],
        ...(externalId === undefined ? {} : { externalId }),
        ...(automatic === undefined ? {} : { automatic }),
      };
      const receipt = await submit(ports, {
        tenant,
        source: ticket.source,
        data,
        requestKey: request.headers["idempotency-key"],
      });
      return reply.status(202).send(acceptedBody(receipt));
    },
  );

  app.post(
    "/v1/tickets/:ref/commands",
    {
      config: { scope: "tickets:write" },
      schema: {
        params: Reference,
        headers: WriteHeaders,
        body: TicketCommand,
        response: { 202: CommandDone, ...problems(400, 403, 404, 409, 422) },
      },
    },
    async (request, reply) => {
      const { tenant } = request.holder;
      const ticket = await named(ports, tenant, request.params.ref);
      const { actorId, expectedVersion, command } = request.body;
      const data: TicketCommandSubmitted = {
        ticketId: ticket.ticketId,
        actor: actorOf(request.holder, actorId),
        ...(expectedVersion === undefined ? {} : { expectedVersion }),
        command,
      };
      const result = answered(
        await ports.offer({
          handler: "on-ticket-command-submitted",
          type: "ticket.command_submitted",
          tenant,
          source: HTTP_SOURCE,
          data,
          idempotencyKey: `${tenant}:http:command:${request.headers["idempotency-key"] ?? newId()}`,
          key: ticket.ticketId,
          subject: ticket.ticketId,
          correlationId: ticket.correlationId,
        }),
      );
      const { aggregateVersion, conversationVersion, ticketId, reference } = ticket;
      // A repeat is told where the ticket stands; the first is told where it then stood.
      const done = (result.reply ?? {
        ticketId,
        reference,
        aggregateVersion,
        conversationVersion,
        commandId: result.eventId,
      }) as Static<typeof CommandDone>;
      return reply.status(202).send(done);
    },
  );
}

async function named({ database }: Ports, tenant: string, ref: string): Promise<TicketName> {
  const ticket = ref.includes("\0") ? undefined : await ticketNamed(database, tenant, ref);
  if (ticket === undefined) throw refused("ticket_unknown", `there is no ticket ${ref}`);
  return ticket;
}

const senderOf = ({ customerName, email, phone }: TicketName) => ({
  name: customerName,
  ...(email === null ? {} : { email }),
  ...(phone === null ? {} : { phone }),
});

export const actorOf = (holder: KeyHolder, actorId: string | undefined): Actor =>
  actorId === undefined ? { kind: "system", id: holder.keyId } : { kind: "person", id: actorId };
