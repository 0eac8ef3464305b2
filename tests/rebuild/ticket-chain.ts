import type { OutgoingRecord } from "@opsdesk/messaging/bus";
import type { EventType } from "@opsdesk/schemas";
import { pick, seeded } from "../faults/random.ts";
import { exampleOf, isoOf, recordOf } from "./events.ts";
import { SITES } from "./knowledge-chain.ts";

export const TENANTS = ["it-helpdesk", "harbour-clinic"] as const;

const MINUTE_MS = 60_000;
/** Of all chains together: as many days have an index of events each. */
const SPREAD_MS = 14 * 24 * 60 * MINUTE_MS;
const CATEGORIES = ["wifi", "password", "printer", "laptop", "mail", "access"] as const;
const CHANNELS = ["email", "web", "phone", "chat"] as const;
const PRIORITIES = ["low", "normal", "high", "urgent"] as const;
const DECISIONS = ["approved", "approved", "edited", "rejected", "taken_over", null] as const;
const TROUBLES = [
  "drops every day",
  "does not start",
  "asks for a password again",
  "is slow since the update",
] as const;
const TAGS = 5_000;

interface ChainOptions {
  readonly seed: number;
  readonly tickets: number;
  /** When the last chain begins, in milliseconds since the epoch. */
  readonly until: number;
}

/**
 * The life of one ticket as its producers tell it, from `ticket.created` to the last webhook; every event keeps its
 * contract. `context.retrieved` is missing: retrieval itself answers `ticket.triaged` with it.
 */
export function ticketChain(n: number, { seed, tickets, until }: ChainOptions): readonly OutgoingRecord[] {
  const random = seeded(seed * 1_000_003 + n);
  const tenant = TENANTS[n % TENANTS.length] ?? TENANTS[0];
  const id = (prefix: string): string => `${prefix}_${seed}_${n}`;
  const [ticketId, draftId, reviewId] = [id("tkt"), id("drf"), id("rev")];
  const reference = `OD-${1_000 + n}`;
  const records: OutgoingRecord[] = [];
  let at = until - SPREAD_MS + Math.floor((n / tickets) * SPREAD_MS);
  let aggregateVersion = 1;
  let conversationVersion = 1;

  const tell = (type: EventType, example: string, data: object, key = ticketId): void => {
    at += MINUTE_MS;
    records.push(
      recordOf({
        type,
        tenant,
        key,
        subject: ticketId,
        correlationId: id("cor"),
        name: `${id("rebuild")}:${records.length}`,
        at,
        data: { ...exampleOf(type, example), ticketId, ...data },
      }),
    );
  };
  const place = (): object => ({ reference, aggregateVersion, conversationVersion });
  const moved = (message: boolean): object => {
    aggregateVersion += 1;
    if (message) conversationVersion += 1;
    return place();
  };
  const run = (job: string, of: EventType, example: string): readonly object[] => {
    const [known] = exampleOf(of, example)["runs"] as readonly object[];
    return [{ ...known, runId: `${id("run")}_${job}`, job, costMicros: Math.floor(random() * 900) }];
  };

  const channel = pick(random, CHANNELS);
  const categoryId = pick(random, CATEGORIES);
  const priority = pick(random, PRIORITIES);
  const confidence = Math.round(random() * 100) / 100;
  const customer = { id: `cus_${Math.floor(random() * 20_000)}`, name: "Maya Lindqvist" };
  const site = random() < 0.3 ? ` at ${pick(random, SITES)}` : "";
  const tag = random() < 0.4 ? ` LT-${10_000 + Math.floor(random() * TAGS)}` : "";
  const text = `The ${categoryId}${tag}${site} ${pick(random, TROUBLES)}`;
  const triaged = random() < 0.95;

  const message = (kind: "customer" | "reply"): object => ({
    ...(exampleOf("ticket.created", "from-crm")["message"] as object),
    id: `${id("msg")}_${records.length}`,
    kind,
    text,
    at: isoOf(at),
  });
  tell("ticket.created", "from-crm", {
    ...place(),
    externalId: `crm-${seed}-${n}`,
    channel,
    customer,
    message: message("customer"),
    responseDueAt: isoOf(at + 480 * MINUTE_MS),
  });
  tell("ticket.triaged", triaged ? "wifi" : "abstained", {
    ...place(),
    confidence,
    runs: run("triage.ticket", "ticket.triaged", "wifi"),
    ...(triaged ? { categoryId, priority, searchText: text } : {}),
  });
  const drafted = triaged && random() < 0.8;
  const ofDraft = { ...place(), draftId, channel, customer, priority, confidence, ...(triaged ? { categoryId } : {}) };
  tell("ai.draft.proposed", drafted ? "with-draft" : "abstained", {
    ...ofDraft,
    runs: run("triage.draft", "ai.draft.proposed", drafted ? "with-draft" : "abstained"),
  });
  const automatic = drafted && confidence > 0.8;
  if (automatic) tell("ai.draft.auto_approved", "licensed-category", { ...ofDraft, reviewId });
  else tell("ai.draft.review_required", drafted ? "recurring-fault" : "nothing-to-send", { ...ofDraft, reviewId });
  const failed = random() < 0.05;
  tell(
    failed ? "webhook.failed" : "webhook.delivered",
    failed ? "gone" : "first-attempt",
    { deliveryId: id("dlv"), endpointId: `end_${tenant}`, eventType: records.at(-1)?.headers["ce_type"] },
    `end_${tenant}`,
  );

  const reply = (origin: "auto" | "reviewed"): void => {
    const written = message("reply");
    tell("ticket.message_added", "reply", { ...moved(true), draftId, message: written });
    const { id: messageId } = written as { id: string };
    tell("reply.sent", "reviewed", { ...place(), messageId, draftId, origin, channel, sentAt: isoOf(at) });
  };
  if (automatic) reply("auto");
  else if (drafted && random() < 0.1) {
    tell("ticket.message_added", "customer", { ...moved(true), message: message("customer") });
    tell("ai.draft.retired", "newer-message", { ...place(), draftId, supersededBy: null });
  } else if (drafted) {
    const decision = pick(random, DECISIONS);
    if (decision !== null) {
      tell(
        "ai.draft.reviewed",
        decision === "edited" ? "edited" : decision === "taken_over" ? "taken-over" : "approved",
        {
          ...place(),
          draftId,
          reviewId,
          decisionId: id("dec"),
          decision,
          categoryId,
          openedAt: isoOf(at),
          decidedAt: isoOf(at + MINUTE_MS),
        },
      );
      if (decision === "approved" || decision === "edited") reply("reviewed");
    }
  }
  const change = (name: string, before: object, after: object): void =>
    tell("ticket.changed", "priority", { ...moved(false), change: name, before, after });
  if (random() < 0.2) change("assigned", { assigneeId: null }, { assigneeId: "priya" });
  if (random() < 0.1) change("category", { categoryId }, { categoryId: pick(random, CATEGORIES) });
  if (random() < 0.5) {
    change("closed", { status: "pending" }, { status: "closed" });
    if (random() < 0.1) change("reopened", { status: "closed" }, { status: "open" });
  }
  return records;
}
