import { type AnyHandler, done, handler, ignore } from "@opsdesk/messaging";
import { type Awaited, type AwaitedScenarios, whenAwaited, withAwaited } from "../decide/awaited.ts";
import { ticketsNamed } from "../store/answers.ts";
import { loadAwaited } from "./load-awaited.ts";

type NamedTicket = Awaited & { readonly ticketId: string };

/** So that a scenario that never gets an answer can be followed up by its ticket. */
export const onTicketCreated = (): AnyHandler =>
  handler<"ticket.created", AwaitedScenarios, NamedTicket>("ticket.created", {
    load: loadAwaited,
    decide: (event, scenarios) =>
      whenAwaited(event, scenarios, (scenario) =>
        scenario.ticketId === null
          ? done({ rows: { ...scenario, ticketId: event.data.ticketId } })
          : ignore("ticket_known"),
      ),
    evolve: withAwaited,
    save: (rows) => ({ writes: [ticketsNamed(rows)] }),
  });
