import type { Desks } from "@opsdesk/desk";
import { contentHash } from "@opsdesk/identity";
import { type AnyHandler, type EventOf, type Outcome, done, handler, ignore, reject } from "@opsdesk/messaging";
import type { CommandRefused } from "@opsdesk/schemas/command-refused";
import type { Delivery } from "../decide/delivery.ts";
import { isShadow } from "../decide/endpoint.ts";
import { type BookRows, afterRows } from "../decide/endpoint-book.ts";
import { commandEndpoint } from "../decide/endpoint-command.ts";
import { chosenDeliveries } from "../store/deliveries.ts";
import { readCommand } from "./command-arguments.ts";
import { type Books, loadBooks } from "./load-books.ts";
import { saveBook } from "./save-book.ts";

type Asked = EventOf<"admin.command_submitted">;

interface Ports {
  readonly desks: Desks;
  readonly urlRefusal: (url: string) => string | undefined;
}

const REPLAY_MAX = 500;
const FINISHED = ["delivered", "failed", "held"] as const;

/** What an administrator asks of endpoints and deliveries, by HTTP or from the console. */
export const onAdminCommand = ({ desks, urlRefusal }: Ports): AnyHandler =>
  handler<"admin.command_submitted", Books, BookRows>("admin.command_submitted", {
    async load(read, events) {
      const own = events.filter((event) => event.data.target === "endpoint");
      if (own.length === 0) return new Map();
      const tenants = own.map((event) => event.tenantid);
      const chosen = new Map<string, readonly Delivery[]>();
      for (const event of own) {
        const asked = readCommand(event.data.command, event.data.arguments);
        if (!asked.ok || asked.replay === undefined) continue;
        const { replay } = asked;
        chosen.set(
          event.id,
          await chosenDeliveries(read, {
            ...replay,
            tenant: event.tenantid,
            states: replay.states ?? FINISHED,
            limit: REPLAY_MAX,
          }),
        );
      }
      return await loadBooks(read, tenants, { desks: await desks.byTenant(read, tenants), chosen });
    },
    decide(event, books, { now }) {
      if (event.data.target !== "endpoint") return ignore("not_for_endpoints");
      if (isShadow(event.tenantid)) return ignore("shadow_tenant");
      const book = books.get(event.tenantid);
      const asked = readCommand(event.data.command, event.data.arguments);
      if (!asked.ok) return refused(event, asked.code, asked.message);
      if (book === undefined) return refused(event, "endpoint_not_found", "There is no such endpoint.");
      const context = {
        id: event.id,
        tenant: event.tenantid,
        time: event.time,
        correlationId: event.correlationid,
        now,
        urlRefusal,
      };
      const result = commandEndpoint(asked.command, book, context);
      if (!result.ok) return refused(event, result.code, result.message);
      const command = {
        tenant: event.tenantid,
        commandId: event.id,
        contentHash: commandHash(event.data),
        reply: result.reply,
        at: now,
      };
      return done({ rows: { ...result.rows, command }, jobs: result.jobs, events: result.events, reply: result.reply });
    },
    evolve(books, rows) {
      const book = books.get(rows.tenant);
      return book === undefined ? books : new Map(books).set(rows.tenant, afterRows(book, rows));
    },
    save: saveBook,
  });

/** Of what was asked. A secret is new in each repetition of a request, and not what tells two of them apart. */
export function commandHash({ command, arguments: given }: Pick<Asked["data"], "command" | "arguments">): string {
  const { secret: _, ...asked } = given;
  return contentHash({ command, asked });
}

function refused({ id, tenantid, data }: Asked, code: string, message: string): Outcome<never> {
  const told = {
    commandId: id,
    ticketId: null,
    actor: data.actor,
    command: data.command,
    code,
    message,
  } satisfies CommandRefused;
  return reject(code, message, { events: [{ type: "command.refused", key: tenantid, data: told }] });
}
