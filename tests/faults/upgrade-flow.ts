import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "@opsdesk/database";
import { openPostgres } from "@opsdesk/database/postgres";
import { client } from "@opsdesk/opsdesk/client";
import { applySampleDesk, createBusiness } from "@opsdesk/opsdesk/sample";
import { type Stack, startStack } from "../stack/stack.ts";
import { checkOut } from "./copy.ts";
import { type Crm, startCrm } from "./crm.ts";
import type { Judgement } from "./judge.ts";
import { untilTaken } from "./patience.ts";
import { seeded, shuffled } from "./random.ts";
import { copiesDiffer, judgeStack } from "./stack-judge.ts";
import { approve, enquiryOf, untilRest } from "./traffic.ts";

export interface UpgradeFlowOptions {
  readonly seed: number;
  readonly texts: readonly string[];
  /** The release that is upgraded from, as git names it. */
  readonly from: string;
  readonly folder: string;
  readonly say: (line: string) => void;
}

export interface UpgradeFlowReport extends Judgement {
  readonly seed: number;
  readonly tickets: number;
  readonly from: string;
  /** Records of the event's later minor version, which the older services have read too. */
  readonly laterVersion: number;
  /** Seconds that a service was away when it was replaced: the longest. */
  readonly longestAwaySeconds: number;
}

interface Ended extends Judgement {
  readonly state: ReadonlyMap<string, string>;
  readonly laterVersion: number;
  readonly longestAway: number;
}

const WORKERS = 8;
const PATIENCE_MS = 180_000;
/** What this commit's services do besides: one event gains a field, and so a minor version. */
const LATER = { type: "ticket.triaged", version: "1.1", patch: join(import.meta.dirname, "upgrade/later-minor.patch") };

/**
 * A release, this commit and the release again, service by service in random order, while customers write and people
 * decide. What is known of each enquiry in the end must be what a desk knows that was never upgraded.
 */
export async function runUpgradeFlow(options: UpgradeFlowOptions): Promise<UpgradeFlowReport> {
  const { folder, from, say, seed, texts } = options;
  const older = await checkOut(from);
  try {
    const newer = await checkOut("HEAD", LATER.patch);
    try {
      say(`${from} is in ${older.folder}, what it is upgraded to in ${newer.folder}.`);
      const control = await played({ ...options, folder: join(folder, "control"), start: newer.folder, moves: [] });
      say("The control run is over; now with the upgrade.");
      const upgraded = await played({
        ...options,
        folder: join(folder, "upgrade"),
        start: older.folder,
        moves: [newer.folder, older.folder],
      });
      const violations = [
        ...control.violations.map((one) => `control: ${one}`),
        ...upgraded.violations,
        ...differences(control.state, upgraded.state),
      ];
      if (upgraded.laterVersion === 0) violations.push(`no ${LATER.type} had version ${LATER.version}`);
      const { violations: _, state: _state, longestAway, ...rest } = upgraded;
      return { ...rest, violations, seed, tickets: texts.length, from, longestAwaySeconds: longestAway };
    } finally {
      await newer.remove();
    }
  } finally {
    await older.remove();
  }
}

/** The whole flow on a stack of `start`; at even shares of it the services move to each of `moves` in turn. */
async function played(
  options: UpgradeFlowOptions & { readonly start: string; readonly moves: readonly string[] },
): Promise<Ended> {
  const { folder, moves, say, seed, start, texts } = options;
  const random = seeded(seed);
  const plans = texts.map(() => ({ again: random() < 0.15, approve: random() < 0.2 }));
  let crm: Crm | undefined;
  let stack: Stack | undefined;
  try {
    stack = await startStack({
      folder,
      say,
      ownServers: true,
      from: start,
      environment: { LOG_LEVEL: "warn" },
      async receiver(secret) {
        crm = await startCrm(secret, folder);
        return crm.address;
      },
    });
    if (crm === undefined) throw new TypeError("the stack runs without its CRM");
    const running = stack;
    const apiKey = await createBusiness(running.installation);
    const desk = client(running.gateway.url, apiKey);
    await applySampleDesk(desk, crm.url, say);

    let next = 0;
    let accepted = 0;
    const dispositionOf = async (ticketId: string, conversationVersion: number): Promise<void> => {
      const end = Date.now() + PATIENCE_MS;
      while (Date.now() < end) {
        const { items } = await untilTaken(() =>
          desk.get<{ items: readonly { type: string; data: { conversationVersion?: number } }[] }>(
            `/v1/events?ticket=${ticketId}&limit=100`,
          ),
        );
        const isDisposed = items.some(
          ({ data, type }) =>
            data.conversationVersion === conversationVersion &&
            (type === "ai.draft.review_required" || type === "ai.draft.auto_approved"),
        );
        if (isDisposed) return;
        await sleep(200);
      }
    };
    const worker = async (): Promise<void> => {
      for (let index = next++; index < texts.length; index = next++) {
        const { reference, ticketId } = await untilTaken(() =>
          desk.send<{ reference: string; ticketId: string }>(
            "POST",
            "/v1/enquiries",
            enquiryOf(`row-${index}`, texts[index] ?? ""),
          ),
        );
        accepted += 1;
        if (plans[index]?.again === true) {
          // Written before the first answer is due, it would be chance whether one answer covers both.
          await dispositionOf(ticketId, 1);
          const message = { text: `And this. ${texts[index] ?? ""}`, externalId: `again-${index}` };
          await untilTaken(() => desk.send("POST", `/v1/tickets/${reference}/messages`, message));
        } else if (plans[index]?.approve === true) await approve(desk, ticketId, index, PATIENCE_MS);
      }
    };
    let longestAway = 0;
    const violations: string[] = [];
    const moving = (async () => {
      for (const [turn, checkout] of moves.entries()) {
        while (accepted < (texts.length * (turn + 1)) / (moves.length + 1)) await sleep(100);
        // On the way back rights and tables stay: newer services use them until the last is replaced.
        if (checkout !== start) await running.prepareFor(checkout);
        for (const service of shuffled([...running.services.values()], random)) {
          const from = performance.now();
          const code = await service.stop();
          if (code !== 0) violations.push(`${service.name} ended with ${code} when it was asked to stop`);
          service.comesFrom(checkout);
          await service.start();
          longestAway = Math.max(longestAway, Number(((performance.now() - from) / 1_000).toFixed(1)));
        }
        say(`Every service is replaced (${turn + 1} of ${moves.length}), with ${accepted} enquiries accepted.`);
      }
    })();
    await Promise.all([moving, ...Array.from({ length: WORKERS }, worker)]);
    const busy = await untilRest(running, crm, say);
    if (busy.length > 0) violations.push(`never came to rest: ${busy.join(", ")}`);
    const judgement = await judgeStack(running, {
      tickets: texts.length,
      customerMessages: texts.length + plans.filter(({ again }) => again).length,
      received: crm.received(),
    });
    const differ = await copiesDiffer(running.servers);
    return {
      ...judgement,
      violations: [...violations, ...judgement.violations, ...differ],
      longestAway,
      ...(await endOf(running)),
    };
  } finally {
    await stack?.stop();
    await crm?.stop();
  }
}

/** By the customer's own id: references, ids and times follow from the order in which enquiries were taken. */
async function endOf({ servers }: Stack): Promise<{ state: ReadonlyMap<string, string>; laterVersion: number }> {
  const database = openPostgres({ url: servers.postgres.url, name: "opsdesk faults", connectionsMax: 1 });
  try {
    const rows = await database.query<{ id: string; line: string }>(sql`
      select t.external_id as id, jsonb_build_object(
               'status', t.status, 'category', t.category_id, 'priority', t.priority, 'conversation', t.conversation_version,
               'messages', (select jsonb_agg(m.kind order by m.conversation_version, m.kind)
                            from ingest.ticket_messages m where (m.tenant, m.ticket_id) = (t.tenant, t.ticket_id)),
               'turns', (select jsonb_agg(jsonb_build_array(c.stage, c.outcome) order by c.conversation_version)
                         from triage.contexts c where (c.tenant, c.ticket_id) = (t.tenant, t.ticket_id)),
               'dispositions', (select jsonb_agg(jsonb_build_array(d.verdict, d.state, d.state_reason) order by d.conversation_version)
                                from safety_gate.dispositions d where (d.tenant, d.ticket_id) = (t.tenant, t.ticket_id)),
               'decisions', (select jsonb_agg(r.decision order by r.conversation_version)
                             from safety_gate.draft_reviews r where (r.tenant, r.ticket_id) = (t.tenant, t.ticket_id))
             )::text as line
      from ingest.tickets t where t.tenant = 'it-helpdesk'`);
    const [later] = await database.query<{ count: number }>(
      sql`select count(*)::int as count from console.events
          where type = ${LATER.type} and body::jsonb->>'schemaversion' = ${LATER.version}`,
    );
    return { state: new Map(rows.map(({ id, line }) => [id, line])), laterVersion: later?.count ?? 0 };
  } finally {
    await database.close();
  }
}

function differences(control: ReadonlyMap<string, string>, upgraded: ReadonlyMap<string, string>): readonly string[] {
  const ids = new Set([...control.keys(), ...upgraded.keys()]);
  return [...ids]
    .filter((id) => control.get(id) !== upgraded.get(id))
    .map((id) => `${id} ended as ${upgraded.get(id)}, without the upgrade as ${control.get(id)}`);
}
