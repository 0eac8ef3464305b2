import type { Envelope } from "../../schemas/src/envelope.ts";

export interface ImportJudgement {
  readonly tickets: number;
  /** Of those tickets, whatever their type. */
  readonly events: number;
  readonly lastDispositionAt: string | undefined;
  /** Outcome of the proposal and verdict of the gate: how many tickets. */
  readonly dispositions: Readonly<Record<string, number>>;
  /** What must not be, at most 50 of them. */
  readonly problems: readonly string[];
}

/** What each ticket must have exactly once for its first conversation version. */
const CHAIN = [
  "ticket.created",
  "enquiry.accepted",
  "ticket.triaged",
  "context.retrieved",
  "ai.draft.proposed",
] as const;
const VERDICTS = ["ai.draft.review_required", "ai.draft.auto_approved"] as const;
const PROBLEMS_MAX = 50;

interface TicketData {
  readonly ticketId?: string;
  readonly externalId?: string | null;
  readonly source?: string;
  readonly conversationVersion?: number;
  readonly outcome?: string;
}

// Every event of the log has passed its contract; of these members each has some.
const dataOf = ({ data }: Envelope): TicketData => data as TicketData;

/** Judges the log of an import of rows 1 to `rows` under `source`: nothing lost, nothing twice, every chain complete. */
export function judgeImport(log: readonly Envelope[], source: string, rows: number): ImportJudgement {
  const problems: string[] = [];
  const say = (problem: string): void => void (problems.length < PROBLEMS_MAX && problems.push(problem));
  const ids = new Set<string>();
  for (const event of log) {
    if (ids.has(event.id)) say(`the log holds event ${event.id} (${event.type}) twice`);
    ids.add(event.id);
  }
  const created = log.filter((event) => event.type === "ticket.created" && dataOf(event).source === source);
  const byRow = Map.groupBy(created, (event) => String(dataOf(event).externalId));
  for (let row = 1; row <= rows; row += 1) {
    const times = byRow.get(String(row))?.length ?? 0;
    if (times !== 1) say(`row ${row} became ${times} tickets`);
  }
  if (byRow.size !== rows) say(`${byRow.size} rows became tickets, of ${rows}`);

  const tickets = new Set(created.map((event) => dataOf(event).ticketId));
  const own = log.filter((event) => tickets.has(dataOf(event).ticketId));
  const byTicket = Map.groupBy(own, (event) => dataOf(event).ticketId);
  const dispositions: Record<string, number> = {};
  let lastDispositionAt: string | undefined;
  for (const [ticketId, events] of byTicket) {
    for (const type of CHAIN) {
      const times = events.filter(
        (event) => event.type === type && (dataOf(event).conversationVersion ?? 1) === 1,
      ).length;
      if (times !== 1) say(`${ticketId}: ${times} × ${type}`);
    }
    const versions = Map.groupBy(
      events.filter(({ type }) => (VERDICTS as readonly string[]).includes(type)),
      (event) => dataOf(event).conversationVersion,
    );
    if (!versions.has(1)) say(`${ticketId}: no disposition`);
    for (const [version, verdicts] of versions) {
      if (verdicts.length !== 1) say(`${ticketId}: ${verdicts.length} dispositions of conversation version ${version}`);
      const outcome = events.find(
        (event) => event.type === "ai.draft.proposed" && dataOf(event).conversationVersion === version,
      );
      for (const { time, type } of verdicts) {
        const name = `${outcome === undefined ? "?" : dataOf(outcome).outcome} → ${type}`;
        dispositions[name] = (dispositions[name] ?? 0) + 1;
        if (lastDispositionAt === undefined || time > lastDispositionAt) lastDispositionAt = time;
      }
    }
  }
  return { tickets: tickets.size, events: own.length, lastDispositionAt, dispositions, problems };
}
