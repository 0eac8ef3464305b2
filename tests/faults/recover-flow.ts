import { mkdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { randomBytes } from "node:crypto";
import { openPostgres } from "@opsdesk/database/postgres";
import { sha256Hex } from "@opsdesk/identity";
import { type Client, client } from "@opsdesk/opsdesk/client";
import { applySampleDesk, createBusiness } from "@opsdesk/opsdesk/sample";
import { type Crm, startCrm } from "./crm.ts";
import { type Judgement, SLICES, waiting } from "./judge.ts";
import { untilTaken } from "./patience.ts";
import { pick, seeded } from "./random.ts";
import { type RecoverDesk, startRecoverDesk } from "./recover-desk.ts";
import { differences, knownState } from "./recovered-state.ts";
import { judgeStack } from "./stack-judge.ts";

export interface RecoverFlowOptions {
  readonly seed: number;
  readonly texts: readonly string[];
  /** How old the copy is at least when it is put back: what comes after it is spread over so long. */
  readonly minutes: number;
  readonly folder: string;
  readonly say: (line: string) => void;
}

export interface RecoverFlowReport extends Judgement {
  readonly seed: number;
  readonly tickets: number;
  /** Webhooks that the CRM was sent more than once. */
  readonly webhooksTwice: number;
  /** What `recover` said of each service. */
  readonly recovered: Readonly<Record<string, { readonly lost: number; readonly lostByHttp: number }>>;
  readonly recoverSeconds: number;
}

/** Replies of people wait so long: what is lost meanwhile may have left. */
const UNDO_SECONDS = 2;
const WORKERS = 8;
const REST_MS = 300_000;

/**
 * Enquiries and people's work, a copy of the database in the middle of it, as much again; then the copy is put back
 * while the broker keeps all, and `opsdesk recover` makes up for it. What everybody knows must then be what they knew
 * before (the control), and as much again is done with it.
 */
export async function runRecoverFlow(options: RecoverFlowOptions): Promise<RecoverFlowReport> {
  const { folder, say, seed, texts } = options;
  const random = seeded(seed);
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  await mkdir(folder, { recursive: true });
  const crm = await startCrm(secret, folder);
  let running: RecoverDesk | undefined;
  const violations: string[] = [];
  try {
    running = await startRecoverDesk(folder, crm.address, secret);
    const { desk } = running;
    await desk.start();
    const apiKey = await createBusiness(client(desk.url, running.installKey));
    const api = client(desk.url, apiKey);
    await applySampleDesk(api, crm.url, say, { undoSeconds: UNDO_SECONDS });
    say("The desk is ready.");

    const third = Math.ceil(texts.length / 3);
    const work = worker(api, texts, random);
    // Saved in the midst of work: what was under way then is neither all in the copy nor all missing.
    const saving = (async () => {
      await work.until(Math.ceil(third / 2));
      await running?.save();
      say(`Saved with ${work.accepted()} enquiries accepted.`);
    })();
    await work.run(0, third);
    await saving;
    const savedAt = performance.now();
    await work.run(third, 2 * third, (options.minutes * 60_000 * WORKERS) / third);
    await sleep(Math.max(0, savedAt + options.minutes * 60_000 - performance.now()));
    await untilRest(running);
    const control = await stateOf(running);
    const sentBefore = crm.received().length;
    say(`At rest with ${work.accepted()} enquiries and ${work.decided()} decisions; the control is taken.`);

    const refused = await running.opsdesk("recover", "--json");
    if (refused.code === 0 || !/services_running/.test(refused.out + refused.err))
      violations.push(`recover ran beside its services: ${refused.code} ${refused.out} ${refused.err}`);
    await desk.stop();
    await running.restore();
    const startedAt = performance.now();
    const planned = await recover(running, "--dry-run");
    const recovered = await recover(running);
    const recoverSeconds = Number(((performance.now() - startedAt) / 1_000).toFixed(1));
    say(`Recovered in ${recoverSeconds} s: ${JSON.stringify(recovered)}`);
    for (const [name, { lost }] of Object.entries(planned))
      if (lost !== recovered[name]?.lost) violations.push(`${name}: the dry run counted ${lost} missing inputs`);
    if (Object.values(recovered).every(({ lost }) => lost === 0)) violations.push("nothing had to be recovered");
    violations.push(...differences(control, await stateOf(running)).map((one) => `after recover: ${one}`));
    const again = await recover(running);
    for (const [name, { lost }] of Object.entries(again))
      if (lost > 0) violations.push(`${name}: a second recovery found ${lost} missing inputs`);

    await desk.start();
    await untilRest(running);
    if (crm.received().length !== sentBefore)
      violations.push(`webhooks sent again after the recovery: ${crm.received().length - sentBefore}`);
    violations.push(...differences(control, await stateOf(running)).map((one) => `at rest: ${one}`));
    await work.run(2 * third, texts.length);
    // Of tickets from before the loss too.
    await work.writeAgain(Math.min(5, third));
    await untilRest(running);

    const judgement = await judged(running, { crm, tickets: texts.length, messages: work.messages() });
    const webhooksTwice = crm.received().length - new Set(crm.received().map(({ id }) => id)).size;
    if (webhooksTwice > 0) violations.push(`webhooks that the CRM was sent twice: ${webhooksTwice}`);
    return {
      ...judgement,
      violations: [...violations, ...judgement.violations],
      seed,
      tickets: texts.length,
      webhooksTwice,
      recovered,
      recoverSeconds,
    };
  } finally {
    await running?.stop();
    await crm.stop();
  }
}

type Recovered = Readonly<
  Record<string, { readonly lost: number; readonly lostByHttp: number; readonly refused: readonly object[] }>
>;

async function recover(running: RecoverDesk, ...words: readonly string[]): Promise<Recovered> {
  const { code, err, out } = await running.opsdesk("recover", "--json", ...words);
  const { services }: { readonly services?: Recovered } = JSON.parse(out || "{}");
  if (code === 0 && services !== undefined) return services;
  const refused = Object.values(services ?? {}).flatMap((one) => one.refused);
  throw new Error(`opsdesk recover ${words.join(" ")} ended with ${code}: ${JSON.stringify(refused)}\n${err}\n${out}`);
}

async function stateOf({ postgres }: RecoverDesk): Promise<ReadonlyMap<string, readonly string[]>> {
  const database = openPostgres({ url: postgres.url, name: "opsdesk faults", connectionsMax: 1 });
  try {
    return await knownState(database);
  } finally {
    await database.close();
  }
}

/** Idle, and nothing waits for its time either: a reply that may still be taken back is not what everybody knows. */
async function untilRest({ desk, postgres }: RecoverDesk): Promise<void> {
  const database = openPostgres({ url: postgres.url, name: "opsdesk faults at rest", connectionsMax: 1 });
  try {
    const end = Date.now() + REST_MS;
    for (let calm = 0; calm < 2;) {
      await desk.idle(REST_MS);
      const left = await waiting(database, SLICES);
      if (left.length > 0 && Date.now() > end) throw new Error(`not at rest: ${left.join(", ")}`);
      // What waited a moment ago may have begun since: only a second look shows that nothing followed from it.
      calm = left.length === 0 ? calm + 1 : 0;
      await sleep(200);
    }
  } finally {
    await database.close();
  }
}

function judged(
  { kafka, postgres }: RecoverDesk,
  { crm, messages, tickets }: { readonly crm: Crm; readonly tickets: number; readonly messages: number },
): Promise<Judgement> {
  return judgeStack(
    { servers: { postgres }, kafka: { brokers: [...kafka.brokers] } },
    { tickets, customerMessages: tickets + messages, received: crm.received() },
  );
}

/** Customers and colleagues: every fourth writes again, every third draft is decided, others are answered or noted. */
function worker(api: Client, texts: readonly string[], random: () => number) {
  const tickets: { reference: string; ticketId: string }[] = [];
  const counts = { accepted: 0, again: 0, decisions: 0 };
  const plans = texts.map(() => ({ again: random() < 0.25, act: random() }));

  const writeAgain = async (reference: string, id: string): Promise<void> => {
    const message = { text: `Still waiting. ${pick(random, texts)}`, externalId: id };
    counts.again += 1;
    await untilTaken(() => api.send("POST", `/v1/tickets/${reference}/messages`, message));
  };
  const command = (reference: string, id: string, what: Readonly<Record<string, unknown>>): Promise<unknown> =>
    untilTaken(() =>
      api.send("POST", `/v1/tickets/${reference}/commands`, { actorId: "priya", command: what }, `command:${id}`),
    );
  const one = async (index: number): Promise<void> => {
    const plan = plans[index];
    if (plan === undefined) return;
    const ticket = await untilTaken(() =>
      api.send<{ reference: string; ticketId: string }>("POST", "/v1/enquiries", {
        channel: "web",
        from: { name: `Customer ${index}`, email: `customer-${index}@example.org` },
        text: texts[index],
        source: "fault-test",
        externalId: `row-${index}`,
      }),
    );
    tickets.push(ticket);
    counts.accepted += 1;
    if (plan.again) await writeAgain(ticket.reference, `again-${index}`);
    if (plan.act < 0.35 && (await decide(api, ticket.ticketId, index, plan.act < 0.25 ? "approve" : "reject")))
      counts.decisions += 1;
    else if (plan.act > 0.9) await command(ticket.reference, `note-${index}`, { type: "note", text: "Called back." });
    else if (plan.act > 0.8)
      await command(ticket.reference, `reply-${index}`, { type: "reply", text: "We are looking into it." });
    else if (plan.act > 0.7)
      await command(ticket.reference, `assign-${index}`, { type: "assign", assigneeId: "priya" });
  };
  return {
    accepted: () => counts.accepted,
    decided: () => counts.decisions,
    messages: () => counts.again,
    async until(count: number) {
      while (counts.accepted < count) await sleep(50);
    },
    async run(from: number, to: number, pauseMs = 0) {
      let next = from;
      const turns = async (): Promise<void> => {
        for (let index = next++; index < to; index = next++) {
          await one(index);
          await sleep(pauseMs);
        }
      };
      await Promise.all(Array.from({ length: WORKERS }, turns));
    },
    async writeAgain(count: number) {
      for (const { reference } of tickets.slice(0, count)) await writeAgain(reference, `later-${reference}`);
    },
  };
}

/** Decides about the ticket's draft as Priya; false where there is none. */
async function decide(api: Client, ticketId: string, index: number, decision: "approve" | "reject"): Promise<boolean> {
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    const { items } = await untilTaken(() =>
      api.get<{ items: { id: string; fingerprint: string; draft: unknown }[] }>(
        `/v1/reviews?status=pending&ticket=${ticketId}`,
      ),
    );
    const [review] = items;
    if (review !== undefined) {
      if (review.draft === null) return false;
      await untilTaken(() =>
        api.send(
          "POST",
          `/v1/reviews/${review.id}/decisions`,
          { decision, actorId: "priya", fingerprint: review.fingerprint, openedEvidence: [] },
          `decide:${sha256Hex(`${index}:${review.id}`)}`,
        ),
      );
      return true;
    }
    await sleep(250);
  }
  return false;
}
