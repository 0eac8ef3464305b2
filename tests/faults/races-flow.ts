import { setTimeout as sleep } from "node:timers/promises";
import { idFor } from "@opsdesk/identity";
import { type Client, client } from "@opsdesk/opsdesk/client";
import { applySampleDesk, createBusiness } from "@opsdesk/opsdesk/sample";
import { INSTALL_KEY, type InProcessDesk, startInProcess } from "../desk/in-process.ts";
import { judgeRaces } from "./judge-races.ts";
import { type RacedTicket, eventIdOf } from "./raced-ticket.ts";
import { seeded } from "./random.ts";

export interface RacesOptions {
  readonly seed: number;
  readonly tickets: number;
  readonly say: (line: string) => void;
}

export interface RacesReport {
  readonly violations: readonly string[];
  readonly seed: number;
  readonly tickets: number;
  /** How often each way won, so that a run in which nothing raced is seen. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly seconds: number;
}

const TENANT = "races";
const WAVE = 1_000;
/** An approval goes out after this long, unless it is undone. */
const UNDO_SECONDS = 1;
/** The actions of a wave fall into this time: longer than the undo window, so that each of them comes first at times. */
const SPREAD_MS = 5_000;
// A licensed question with a risk: its draft waits for a person.
const TEXT = "How do I connect to the VPN from home? I need it as soon as possible.";

/**
 * A person's reply, a customer's message, an approval, its undo and an automatic approval on one ticket, each at a
 * seeded moment, through the services as they are: HTTP, topics and Postgres.
 */
export async function runRaces(options: RacesOptions): Promise<RacesReport> {
  const startedAt = performance.now();
  const desk = await startInProcess([TENANT]);
  try {
    const api = client(desk.url, await createBusiness(client(desk.url, INSTALL_KEY), TENANT));
    const receiver = desk.receivers[0]?.url ?? "";
    await applySampleDesk(api, receiver, () => undefined, { tenant: TENANT, undoSeconds: UNDO_SECONDS });
    const random = seeded(options.seed);
    const raced: RacedTicket[] = [];
    for (let first = 0; first < options.tickets; first += WAVE) {
      const count = Math.min(WAVE, options.tickets - first);
      const wave = await ticketsToRace(desk, api, first, count);
      await race(desk, api, wave, random);
      await desk.idle(120_000);
      raced.push(...wave);
      options.say(`${raced.length} of ${options.tickets} tickets raced`);
    }
    // The last approvals are released when their undo window is over.
    await sleep(UNDO_SECONDS * 1_000 + 3_000);
    await desk.idle(120_000);
    const judged = await judgeRaces(desk, TENANT, raced);
    return {
      ...judged,
      seed: options.seed,
      tickets: raced.length,
      seconds: (performance.now() - startedAt) / 1_000,
    };
  } finally {
    await desk.stop();
  }
}

/** New tickets, each with a draft that waits for a person. */
async function ticketsToRace(
  desk: InProcessDesk,
  api: Client,
  first: number,
  count: number,
): Promise<readonly RacedTicket[]> {
  const accepted = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      api.send<{ ticketId: string }>("POST", "/v1/enquiries", {
        channel: "web",
        from: { name: `Ana ${first + index}`, email: `ana-${first + index}@customers.example` },
        text: TEXT,
        externalId: `race-${first + index}`,
      }),
    ),
  );
  await desk.idle(120_000);
  const { rows } = await desk.database.execute(
    `select r.ticket_id as "ticketId", r.reference, r.review_id as "reviewId", r.draft_id as "draftId", r.fingerprint,
        r.aggregate_version::int as "aggregateVersion", r.conversation_version::int as "conversationVersion"
      from safety_gate.draft_reviews r where r.tenant = $1 and r.ticket_id = any($2) and r.status = 'pending' and r.draft is not null`,
    [TENANT, accepted.map(({ ticketId }) => ticketId)],
  );
  if (rows.length !== count) throw new Error(`${rows.length} of ${count} tickets have a draft that waits`);
  return rows as RacedTicket[];
}

/** Every action of every ticket at its own moment. */
async function race(
  desk: InProcessDesk,
  api: Client,
  wave: readonly RacedTicket[],
  random: () => number,
): Promise<void> {
  const actions = wave
    .flatMap((ticket) => [
      { do: () => customerWrites(api, ticket), at: random() * SPREAD_MS },
      ...eventsOf(ticket).map((event) => ({ do: () => publish(desk, event), at: random() * SPREAD_MS })),
    ])
    .toSorted((a, b) => a.at - b.at);
  const from = performance.now();
  const under: Promise<unknown>[] = [];
  for (const action of actions) {
    const early = action.at - (performance.now() - from);
    if (early > 5) await sleep(early);
    under.push(action.do());
  }
  await Promise.all(under);
}

const customerWrites = (api: Client, { reference }: RacedTicket): Promise<unknown> =>
  api.send("POST", `/v1/tickets/${reference}/messages`, {
    text: "It is the laptop with the sticker.",
    externalId: `more-${reference}`,
  });

interface RaceEvent {
  readonly type: string;
  readonly id: string;
  readonly ticketId: string;
  readonly data: unknown;
}

function eventsOf(ticket: RacedTicket): readonly RaceEvent[] {
  const { aggregateVersion, conversationVersion, draftId, fingerprint, reference, reviewId, ticketId } = ticket;
  const actor = { kind: "person", id: "priya" };
  const decision = (action: "approve" | "undo") => ({
    decisionId: eventIdOf(ticket, `decision-${action}`),
    reviewId,
    ticketId,
    decision: action,
    actor,
    via: "console",
    fingerprint,
    decidedAt: new Date().toISOString(),
    openedEvidence: [],
  });
  const event = (action: string, type: string, data: unknown): RaceEvent => ({
    type,
    id: eventIdOf(ticket, action),
    ticketId,
    data,
  });
  return [
    event("reply", "ticket.command_submitted", {
      ticketId,
      actor,
      command: { type: "reply", text: "I am on my way to you." },
    }),
    event("approve", "draft.decision_submitted", decision("approve")),
    event("undo", "draft.decision_submitted", decision("undo")),
    event("auto", "ai.draft.auto_approved", {
      ticketId,
      reference,
      aggregateVersion,
      conversationVersion,
      reviewId,
      draftId,
      source: "web",
      externalId: null,
      channel: "web",
      customer: { id: "cus_race", name: "Ana" },
      subject: "",
      categoryId: "vpn",
      priority: "normal",
      summary: "",
      draft: { text: "You connect with Northgate Connect.", sentences: [], templateId: null },
      reasons: [{ rule: "auto_send_licensed", words: "Approved twice at once." }],
      evidence: [],
      confidence: 0.9,
      fingerprint,
      gateVersion: "race",
      policyHash: "0".repeat(64),
      decisionHash: "0".repeat(64),
    }),
  ];
}

const publish = (desk: InProcessDesk, { data, id, ticketId, type }: RaceEvent): Promise<void> =>
  desk.bus.send([
    {
      topic: `${type}.v1`,
      key: ticketId,
      headers: {},
      value: JSON.stringify({
        specversion: "1.0",
        id,
        source: "/races",
        type,
        schemaversion: "1.0",
        subject: ticketId,
        time: new Date().toISOString(),
        datacontenttype: "application/json",
        correlationid: idFor(`race:${ticketId}`),
        idempotencykey: id,
        tenantid: TENANT,
        data,
      }),
    },
  ]);
