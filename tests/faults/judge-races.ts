import { contractOf } from "@opsdesk/schemas";
import type { EventType } from "@opsdesk/schemas";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { InProcessDesk } from "../desk/in-process.ts";
import { type RacedTicket, eventIdOf } from "./raced-ticket.ts";

interface Message {
  readonly ticketId: string;
  readonly kind: string;
  readonly draftId: string | null;
  readonly version: number;
}

/** What a reply, an approval, its undo and an automatic approval may leave behind, whatever their order was. */
export async function judgeRaces(
  desk: InProcessDesk,
  tenant: string,
  tickets: readonly RacedTicket[],
): Promise<{ violations: readonly string[]; outcomes: Readonly<Record<string, number>> }> {
  const messages = Map.groupBy(await messagesOf(desk, tenant), ({ ticketId }) => ticketId);
  const reviewed = new Set(
    await told<{ decisionId: string }>(desk, "ai.draft.reviewed", ({ decisionId }) => decisionId),
  );
  const refused = new Set(
    await told<{ decisionId: string }>(desk, "ai.draft.decision_refused", ({ decisionId }) => decisionId),
  );
  const retired = new Set(await told<{ draftId: string }>(desk, "ai.draft.retired", ({ draftId }) => draftId));
  const commands = new Set(await told<{ commandId: string }>(desk, "command.refused", ({ commandId }) => commandId));
  const accepted = await acceptedDecisions(desk, tenant);

  const violations: string[] = [];
  const outcomes: Record<string, number> = {};
  for (const ticket of tickets) {
    const wrong = (what: string): void => void violations.push(`${ticket.reference}: ${what}`);
    const conversation = messages.get(ticket.ticketId) ?? [];
    const versions = conversation.map(({ version }) => version);
    if (new Set(versions).size !== versions.length) wrong("two messages have one place in the conversation");

    const fromDraft = conversation.filter(({ draftId, kind }) => kind === "reply" && draftId === ticket.draftId);
    if (fromDraft.length > 1) wrong("two replies from one draft");
    for (const reply of fromDraft)
      if (reply.version !== ticket.conversationVersion + 1) wrong("a reply to an outdated conversation");
    const byPerson = conversation.some(({ draftId, kind }) => kind === "reply" && draftId === null);
    if (!byPerson && !commands.has(eventIdOf(ticket, "reply"))) wrong("a person's reply is gone and nobody was told");
    if (!conversation.some(({ kind, version }) => kind === "customer" && version > 1))
      wrong("the customer's message is gone");

    for (const action of ["approve", "undo"]) {
      const decision = eventIdOf(ticket, `decision-${action}`);
      if (!accepted.has(decision) && !refused.has(decision)) wrong(`nobody was told what came of: ${action}`);
      if (accepted.has(decision) && refused.has(decision))
        wrong(`told both that it holds and that it does not: ${action}`);
    }
    const approved = reviewed.has(eventIdOf(ticket, "decision-approve"));
    if (approved && accepted.has(eventIdOf(ticket, "decision-undo"))) wrong("an approval that was undone went on");
    if (fromDraft.length === 0 && !retired.has(ticket.draftId)) wrong("the draft did not go out and nobody was told");

    const outcome = `${fromDraft.length === 1 ? "draft sent" : "draft retired"}, approval ${approved ? "released" : accepted.has(eventIdOf(ticket, "decision-undo")) ? "undone" : accepted.has(eventIdOf(ticket, "decision-approve")) ? "overtaken" : "refused"}`;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  return { violations, outcomes };
}

async function messagesOf(desk: InProcessDesk, tenant: string): Promise<readonly Message[]> {
  const { rows } = await desk.database.execute(
    `select ticket_id as "ticketId", kind, draft_id as "draftId", conversation_version::int as version
      from ingest.ticket_messages where tenant = $1 and kind in ('customer', 'reply') and state is distinct from 'undone'`,
    [tenant],
  );
  return rows as Message[];
}

async function acceptedDecisions(desk: InProcessDesk, tenant: string): Promise<ReadonlySet<string>> {
  const { rows } = await desk.database.execute(
    `select decision_id as id from safety_gate.review_decisions where tenant = $1 and refusal is null`,
    [tenant],
  );
  return new Set((rows as { id: string }[]).map(({ id }) => id));
}

async function told<Data>(
  desk: InProcessDesk,
  type: EventType,
  of: (data: Data) => string,
): Promise<readonly string[]> {
  const found: string[] = [];
  const topic = contractOf(type)?.topic ?? "";
  for await (const { value } of desk.bus.read({ topic, from: { offset: 0 } }))
    // Checked against its contract when it was produced.
    found.push(of((JSON.parse(value) as Envelope<Data>).data));
  return found;
}
