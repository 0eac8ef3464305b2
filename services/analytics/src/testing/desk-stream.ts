import { validExamples } from "@opsdesk/schemas/examples";
import { type EventType, contractOf } from "@opsdesk/schemas";
import type { Envelope } from "@opsdesk/schemas/envelope";

/** What a ticket of a stream went through, written down while it was made: what its documents must say. */
export interface Truth {
  readonly tenant: string;
  readonly ticketId: string;
  readonly category: string;
  readonly channel: string;
  readonly openedAt: number;
  readonly confidence: number;
  readonly evidence: "found" | "weak";
  readonly promptVersion: string;
  readonly rules: readonly string[];
  readonly verdict: "review" | "auto_send";
  readonly decision: "approved" | "edited" | "rejected" | "taken_over" | null;
  readonly waitSeconds: number | null;
  readonly disposition: "applied" | "abstained" | "refused" | "retired" | "gated";
  readonly status: "open" | "pending" | "closed";
  readonly firstReplyAt: number | null;
  readonly closedAt: number | null;
  readonly reopenings: number;
  readonly breached: boolean;
  readonly priority: string;
  readonly followUps: number;
  readonly followUpsDone: number;
  readonly customerMessageTimes: readonly number[];
  readonly runs: readonly {
    readonly promptVersion: string;
    readonly costMicros: number;
    readonly inputTokens: number;
  }[];
  readonly delivery: { readonly endpointId: string; readonly failed: boolean; readonly code: string | null } | null;
}

const MINUTE_MS = 60_000;
const CATEGORIES = ["accounts", "hardware", "network"] as const;
const CHANNELS = ["email", "web", "phone"] as const;
const ENDPOINTS = ["end_crm", "end_bi"] as const;
const DECISIONS = ["approved", "approved", "edited", "rejected", "taken_over", null] as const;
const CODES = ["http_5xx", "timeout"] as const;

/** A small generator of uniform numbers from 0 to 1; the same seed gives the same ones (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function shuffled<T>(list: readonly T[], random: () => number): readonly T[] {
  const all = [...list];
  for (let last = all.length - 1; last > 0; last -= 1) {
    const at = Math.floor(random() * (last + 1));
    // Both places are inside the list.
    [all[last], all[at]] = [all[at] as T, all[last] as T];
  }
  return all;
}

const baseOf = new Map<EventType, Readonly<Record<string, unknown>>>();
/** The data of a type's first valid example. */
function base(type: EventType): Readonly<Record<string, unknown>> {
  let data = baseOf.get(type);
  if (data === undefined) {
    data = validExamples(type)[0]?.event.data as Readonly<Record<string, unknown>>;
    baseOf.set(type, data);
  }
  return data;
}

/** The life of `tickets` tickets that were opened before `now`, of two businesses and of a rehearsal. */
export function deskStream(options: { readonly seed: number; readonly tickets: number; readonly now: number }): {
  readonly events: readonly Envelope[];
  readonly truth: readonly Truth[];
} {
  const random = seeded(options.seed);
  const events: Envelope[] = [];
  const truth: Truth[] = [];
  for (let n = 0; n < options.tickets; n += 1) {
    const tenant = n % 10 === 9 ? "it-helpdesk~eval" : n % 3 === 0 ? "harbour-clinic" : "it-helpdesk";
    const openedAt = options.now - (options.tickets - n) * 37 * MINUTE_MS - 7 * MINUTE_MS;
    const one = ticketLife({ random, tenant, n, openedAt });
    events.push(...one.events);
    if (!tenant.endsWith("~eval")) truth.push(one.truth);
  }
  return { events, truth };
}

function ticketLife(given: {
  readonly random: () => number;
  readonly tenant: string;
  readonly n: number;
  readonly openedAt: number;
}): { readonly events: readonly Envelope[]; readonly truth: Truth } {
  const { random, tenant, n, openedAt } = given;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const events: Envelope[] = [];
  const ticketId = `tkt_${n}`;
  const draftId = `drf_${n}`;
  let at = openedAt;
  let aggregateVersion = 0;
  let conversationVersion = 1;

  const emit = (type: EventType, data: object, minutes = 1): number => {
    if (events.length > 0) at += minutes * MINUTE_MS;
    const id = `${tenant}/${n}/${events.length}`;
    events.push({
      specversion: "1.0",
      id,
      source: "/opsdesk/test",
      type,
      schemaversion: contractOf(type)?.schemaVersion ?? "1.0",
      subject: ticketId,
      time: new Date(at).toISOString(),
      datacontenttype: "application/json",
      correlationid: `cor_${n}`,
      idempotencykey: id,
      tenantid: tenant,
      data: { ...base(type), ...data },
    });
    return at;
  };
  const place = (): object => ({ ticketId, reference: `OD-${n}`, aggregateVersion, conversationVersion });
  const moved = (message: boolean): object => {
    aggregateVersion += 1;
    if (message) conversationVersion += 1;
    return place();
  };
  const iso = (time: number): string => new Date(time).toISOString();
  const message = (kind: "customer" | "reply" | "note"): object => ({
    message: {
      ...(base("ticket.created")["message"] as object),
      id: `msg_${n}_${events.length}`,
      kind,
      at: iso(at),
    },
  });
  const promptVersion = pick(["1", "2"]);
  const runs: Truth["runs"][number][] = [];
  const run = (job: string): object => {
    const made = { promptVersion, costMicros: 100 + Math.floor(random() * 900), inputTokens: 50 + n };
    runs.push(made);
    const [example] = base("ai.draft.proposed")["runs"] as readonly object[];
    return { ...example, ...made, runId: `run_${tenant}_${n}_${runs.length}`, job };
  };

  const category = pick(CATEGORIES);
  const channel = pick(CHANNELS);
  const confidence = Math.round(random() * 100) / 100;
  const evidence = random() < 0.25 ? "weak" : "found";
  const priority = pick(["low", "normal", "high"]);
  const customerMessageTimes: number[] = [];

  aggregateVersion = 1;
  customerMessageTimes.push(
    emit("ticket.created", { ...place(), channel, ...message("customer"), status: "open", priority: "normal" }),
  );
  emit("ticket.triaged", {
    ...place(),
    outcome: "triaged",
    categoryId: category,
    confidence,
    priority,
    runs: [run("triage.ticket")],
  });
  emit("context.retrieved", { ...place(), outcome: evidence, runs: [run("retrieve.context")] });
  const drafted = evidence === "found";
  emit("ai.draft.proposed", {
    ...place(),
    draftId,
    outcome: drafted ? "proposed" : "abstained",
    reason: drafted ? undefined : "evidence_weak",
    channel,
    categoryId: category,
    priority,
    confidence,
    promptVersion,
    runs: [run("response.template_select")],
  });
  const rules = drafted
    ? confidence > 0.8
      ? ["all_clear"]
      : ["confidence_low", ...(priority === "high" ? ["priority_high"] : [])]
    : ["no_draft"];
  const verdict = drafted && confidence > 0.8 ? "auto_send" : "review";
  const gate = {
    ...place(),
    draftId,
    reviewId: `rev_${n}`,
    channel,
    categoryId: category,
    priority,
    confidence,
    reasons: rules.map((rule) => ({ rule, words: rule })),
  };
  const gatedAt = emit(
    verdict === "auto_send" ? "ai.draft.auto_approved" : "ai.draft.review_required",
    verdict === "auto_send" ? gate : { ...gate, ...(drafted ? {} : { draft: null }) },
  );
  let delivery: Truth["delivery"] = null;
  if (verdict === "review") {
    const failed = random() < 0.3;
    delivery = { endpointId: pick(ENDPOINTS), failed, code: failed ? pick(CODES) : null };
    const sent = { deliveryId: `dlv_${tenant}_${n}`, endpointId: delivery.endpointId, ticketId, endpointName: "named" };
    if (failed)
      emit("webhook.failed", { ...sent, code: delivery.code, status: 500, eventType: "ai.draft.review_required" });
    else emit("webhook.delivered", { ...sent, eventType: "ai.draft.review_required" });
  }

  let status: Truth["status"] = "open";
  let disposition: Truth["disposition"] = drafted ? "gated" : "abstained";
  let decision: Truth["decision"] = null;
  let waitSeconds: number | null = null;
  let firstReplyAt: number | null = null;
  const reply = (origin: "auto" | "reviewed" | "person", draft: string | null): void => {
    emit("ticket.message_added", {
      ...moved(true),
      ...message("reply"),
      draftId: draft ?? undefined,
    });
    const messageId = `rep_${n}_${events.length}`;
    at += MINUTE_MS;
    emit("reply.sent", { ...place(), messageId, draftId: draft, origin, channel, sentAt: iso(at) }, 0);
    firstReplyAt ??= at;
    status = "pending";
  };
  if (verdict === "auto_send") {
    reply("auto", draftId);
    disposition = "applied";
  } else if (drafted && random() < 0.15) {
    customerMessageTimes.push(
      emit("ticket.message_added", { ...moved(true), draftId: undefined, ...message("customer") }),
    );
    emit("ai.draft.retired", { ...place(), draftId, reason: "newer_message", supersededBy: null }, 0);
    disposition = "retired";
  } else if (drafted) {
    decision = pick(DECISIONS);
    if (decision !== null) {
      at += Math.floor(random() * 60) * MINUTE_MS;
      const decidedAt = at + MINUTE_MS;
      emit("ai.draft.reviewed", {
        ...place(),
        draftId,
        reviewId: `rev_${n}`,
        decisionId: `dec_${n}`,
        decision,
        categoryId: category,
        openedAt: iso(at),
        decidedAt: iso(decidedAt),
      });
      waitSeconds = (decidedAt - gatedAt) / 1_000;
      disposition = decision === "approved" || decision === "edited" ? "applied" : "refused";
      if (disposition === "applied") reply("reviewed", draftId);
      if (decision === "taken_over") reply("person", null);
    }
  }

  const change = (kind: string, before: object, after: object): number =>
    emit("ticket.changed", { ...moved(false), change: kind, before, after });
  const breached = random() < 0.2;
  if (breached) change("breached", {}, {});
  const followUps = random() < 0.3 ? 1 : 0;
  const followUpsDone = followUps === 1 && random() < 0.5 ? 1 : 0;
  const follow = { ticketId, reference: `OD-${n}`, followUpId: `fup_${n}` };
  if (followUps === 1) emit("followup.changed", { ...moved(false), ...follow, status: "open" });
  if (followUpsDone === 1) emit("followup.changed", { ...moved(false), ...follow, status: "done" });
  let closedAt: number | null = null;
  let reopenings = 0;
  // Assigned in `reply`, which the compiler does not follow.
  if ((status as Truth["status"]) === "pending" && random() < 0.6) {
    closedAt = change("closed", { status: "pending" }, { status: "closed" });
    status = "closed";
    if (random() < 0.4) {
      change("reopened", { status: "closed" }, { status: "open" });
      customerMessageTimes.push(
        emit("ticket.message_added", { ...moved(true), draftId: undefined, ...message("customer") }, 0),
      );
      reopenings = 1;
      closedAt = null;
      status = "open";
    }
  }
  return {
    events: events.map((event) => ({ ...event, data: present(event.data) })),
    truth: {
      tenant,
      ticketId,
      category,
      channel,
      openedAt,
      confidence,
      evidence,
      promptVersion,
      rules,
      verdict,
      decision,
      waitSeconds,
      disposition,
      status,
      firstReplyAt,
      closedAt,
      reopenings,
      breached,
      priority,
      followUps,
      followUpsDone,
      customerMessageTimes,
      runs,
      delivery,
    },
  };
}

/** Without properties that are undefined: JSON has none. */
const present = (data: unknown): unknown => JSON.parse(JSON.stringify(data)) as unknown;
