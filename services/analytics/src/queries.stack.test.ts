import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { testIndex } from "./testing/desk-index.ts";
import { type Truth, deskStream, seeded, shuffled } from "./testing/desk-stream.ts";

/** Every question of docs/analysts, asked of a stream whose answers were written down while it was made. */
const QUERIES = new URL("../../../docs/analysts/queries/", import.meta.url);
const now = Date.now();
const { events, truth } = deskStream({ seed: 5, tickets: 300, now });
const index = testIndex();

interface Bucket {
  readonly key: string | number;
  readonly doc_count: number;
}
type Buckets = Readonly<Record<string, { readonly buckets: readonly Bucket[] }>>;
interface Question {
  readonly title: string;
  readonly question: string;
  readonly alias: string;
  readonly read: string;
  readonly body: object;
}

beforeAll(async () => {
  const mixed = shuffled(events, seeded(6));
  for (let at = 0; at < mixed.length; at += 500) await index.projection.project(mixed.slice(at, at + 500));
  await index.store.refresh(`${index.prefix}-*`);
}, 120_000);
afterAll(() => index.drop());

const files = readdirSync(QUERIES).toSorted();
const questionOf = (file: string): Question => JSON.parse(readFileSync(new URL(file, QUERIES), "utf8")) as Question;

/** What a search answers, as plain numbers by bucket. */
async function ask(file: string): Promise<{ total: number; told: (...path: string[]) => unknown }> {
  const { alias, body } = questionOf(file);
  const { hits, aggregations } = await index.store.search(alias.replace(/^opsdesk/, index.prefix), {
    ...body,
    track_total_hits: true,
  });
  return { total: hits.total.value, told: (...path) => path.reduce<unknown>(step, aggregations) };
}
function step(value: unknown, name: string): unknown {
  const held = value as Buckets & { buckets?: readonly Bucket[] };
  return held.buckets === undefined ? held[name] : held.buckets.find(({ key }) => String(key) === name);
}
const countsOf = (value: unknown): Record<string, number> =>
  Object.fromEntries(
    (value as { buckets: readonly Bucket[] }).buckets
      .filter(({ doc_count: n }) => n > 0)
      .map(({ key, doc_count: n }) => [String(key), n]),
  );
/** Of each bucket, the count of the filter inside it. */
const filtered = (value: unknown, filter: string): Record<string, number> =>
  Object.fromEntries(
    (value as { buckets: readonly (Bucket & Record<string, { doc_count: number }>)[] }).buckets.map((bucket) => [
      String(bucket.key),
      bucket[filter]?.doc_count ?? 0,
    ]),
  );
const valuesOf = (value: unknown, figure: string): Record<string, number> =>
  Object.fromEntries(
    (value as { buckets: readonly (Bucket & Record<string, { value: number }>)[] }).buckets.map((bucket) => [
      String(bucket.key),
      bucket[figure]?.value ?? 0,
    ]),
  );

const count = <T>(list: readonly T[], keyOf: (one: T) => string | number, counts: (one: T) => boolean = () => true) => {
  const totals: Record<string, number> = {};
  for (const one of list) totals[String(keyOf(one))] = (totals[String(keyOf(one))] ?? 0) + (counts(one) ? 1 : 0);
  return totals;
};
const sum = (list: readonly number[]): number => list.reduce((total, one) => total + one, 0);
const average = (list: readonly number[]): number => sum(list) / list.length;
const closeTo = (expected: number): unknown => expect.closeTo(expected, 3);
const categoryOf = (one: Truth): string => one.category;
const firstReply = (one: Truth): number => ((one.firstReplyAt ?? 0) - one.openedAt) / 1_000;

const replied = truth.filter((one) => one.firstReplyAt !== null);
const closed = truth.filter((one) => one.closedAt !== null);
const decided = truth.filter((one) => one.decision !== null);
const overridden = (one: Truth): boolean => one.decision !== "approved";
const reviews = truth.filter((one) => one.verdict === "review");
const perRule = decided.flatMap((one) => one.rules.map((rule) => ({ rule, one })));

type Answer = Awaited<ReturnType<typeof ask>>;
const expectations: Readonly<Record<string, (answer: Answer) => void>> = {
  "volume-by-category": ({ told }) => {
    expect(countsOf(told("categories"))).toEqual(count(truth, categoryOf));
    expect(filtered(told("categories"), "closed")).toEqual(count(truth, categoryOf, (one) => one.closedAt !== null));
    const network = closed.filter((one) => one.category === "network");
    expect(told("categories", "network", "handling", "value")).toEqual(
      closeTo(average(network.map((one) => ((one.closedAt ?? 0) - one.openedAt) / 1_000))),
    );
  },
  "first-response-time": ({ total, told }) => {
    expect(total).toBe(replied.length);
    expect(told("average", "value")).toEqual(closeTo(average(replied.map(firstReply))));
    const sorted = replied.map(firstReply).toSorted((a, b) => a - b);
    const median = told("all", "values", "50.0") as number;
    expect(median).toBeGreaterThanOrEqual(sorted[Math.floor(sorted.length * 0.45)] ?? 0);
    expect(median).toBeLessThanOrEqual(sorted[Math.ceil(sorted.length * 0.55)] ?? 0);
    expect(countsOf(told("by_channel"))).toEqual(count(replied, (one) => one.channel));
    expect(countsOf(told("by_origin"))["auto"]).toBe(replied.filter((one) => one.verdict === "auto_send").length);
  },
  "auto-send-rate": ({ total, told }) => {
    expect(total).toBe(truth.length);
    expect(told("auto_send", "doc_count")).toBe(truth.length - reviews.length);
    expect(filtered(told("by_category"), "auto_send")).toEqual(
      count(truth, categoryOf, (one) => one.verdict === "auto_send"),
    );
  },
  "edit-rate": ({ total, told }) => {
    expect(total).toBe(decided.length);
    expect(countsOf(told("decisions"))).toEqual(count(decided, (one) => one.decision ?? ""));
    expect(told("overridden", "doc_count")).toBe(decided.filter(overridden).length);
  },
  "review-reasons": ({ total, told }) => {
    expect(total).toBe(reviews.length);
    expect(countsOf(told("rules"))).toEqual(
      count(
        reviews.flatMap((one) => one.rules),
        (rule) => rule,
      ),
    );
  },
  "override-rate-by-rule": ({ told }) => {
    expect(countsOf(told("rules"))).toEqual(count(perRule, ({ rule }) => rule));
    expect(filtered(told("rules"), "overridden")).toEqual(
      count(
        perRule,
        ({ rule }) => rule,
        ({ one }) => overridden(one),
      ),
    );
  },
  "cost-by-prompt-version": ({ told }) => {
    const runs = truth.flatMap((one) => one.runs);
    const by = (figure: "costMicros" | "inputTokens"): Record<string, number> =>
      Object.fromEntries(
        ["1", "2"].map((version) => [
          version,
          sum(runs.filter((run) => run.promptVersion === version).map((run) => run[figure])),
        ]),
      );
    expect(countsOf(told("versions"))).toEqual(count(runs, (run) => run.promptVersion));
    expect(valuesOf(told("versions"), "cost")).toEqual(by("costMicros"));
    expect(valuesOf(told("versions"), "input")).toEqual(by("inputTokens"));
  },
  "webhook-failures": ({ told }) => {
    const ended = truth.flatMap((one) => (one.delivery === null ? [] : [one.delivery]));
    expect(countsOf(told("endpoints"))).toEqual(count(ended, (one) => one.endpointId));
    expect(filtered(told("endpoints"), "failed")).toEqual(
      count(
        ended,
        (one) => one.endpointId,
        (one) => one.failed,
      ),
    );
    const failed = ended.filter((one) => one.failed && one.endpointId === "end_crm");
    expect(countsOf(told("endpoints", "end_crm", "failed", "codes"))).toEqual(count(failed, (one) => one.code ?? ""));
  },
  "knowledge-gaps": ({ told }) => {
    expect(filtered(told("categories"), "weak")).toEqual(count(truth, categoryOf, (one) => one.evidence === "weak"));
  },
  abstentions: ({ total, told }) => {
    const without = truth.filter((one) => one.evidence === "weak");
    expect(total).toBe(without.length);
    expect(countsOf(told("categories"))).toEqual(count(without, categoryOf));
    expect(countsOf(told("categories", "network", "reasons"))).toEqual({
      evidence_weak: without.filter((one) => one.category === "network").length,
    });
  },
  "backlog-by-age": ({ total, told }) => {
    const waiting = truth.filter((one) => one.status === "open");
    const days = (one: Truth): number => (now - one.openedAt) / 86_400_000;
    const age = (one: Truth): string =>
      days(one) < 1
        ? "under a day"
        : days(one) < 3
          ? "one to three days"
          : days(one) < 7
            ? "three to seven days"
            : "older";
    expect(total).toBe(waiting.length);
    expect(countsOf(told("ages"))).toEqual(count(waiting, age));
    expect(told("unanswered", "doc_count")).toBe(waiting.filter((one) => one.firstReplyAt === null).length);
  },
  "reopen-rate": ({ total, told }) => {
    const ever = truth.filter((one) => one.closedAt !== null || one.reopenings > 0);
    expect(total).toBe(ever.length);
    expect(told("reopened", "doc_count")).toBe(ever.filter((one) => one.reopenings > 0).length);
    expect(filtered(told("categories"), "reopened")).toEqual(count(ever, categoryOf, (one) => one.reopenings > 0));
  },
  "busiest-hours": ({ total, told }) => {
    const times = truth.flatMap((one) => one.customerMessageTimes).map((time) => new Date(time));
    expect(total).toBe(times.length);
    expect(countsOf(told("hours"))).toEqual(count(times, (time) => time.getUTCHours()));
    expect(countsOf(told("weekdays"))).toEqual(count(times, (time) => ((time.getUTCDay() + 6) % 7) + 1));
  },
  calibration: ({ told }) => {
    const bucket = (one: Truth): number => Math.floor(one.confidence / 0.1) * 0.1;
    expect(countsOf(told("confidence"))).toEqual(count(decided, bucket));
    expect(filtered(told("confidence"), "approved")).toEqual(
      count(decided, bucket, (one) => one.decision === "approved"),
    );
  },
  "follow-ups": ({ total, told }) => {
    expect(total).toBe(truth.filter((one) => one.followUps > 0).length);
    expect(told("taken_up", "value")).toBe(sum(truth.map((one) => one.followUps)));
    expect(told("done", "value")).toBe(sum(truth.map((one) => one.followUpsDone)));
  },
  "review-waiting-time": ({ total, told }) => {
    const waits = truth.flatMap((one) => (one.waitSeconds === null ? [] : [one.waitSeconds]));
    expect(total).toBe(waits.length);
    expect(told("average", "value")).toEqual(closeTo(average(waits)));
    expect(told("work", "value")).toBe(60);
  },
  "missed-deadlines": ({ told }) => {
    const priority = (one: Truth): string => one.priority;
    expect(countsOf(told("priorities"))).toEqual(count(truth, priority));
    expect(filtered(told("priorities"), "breached")).toEqual(count(truth, priority, (one) => one.breached));
  },
  retirements: ({ told }) => {
    const retired = truth.filter((one) => one.disposition === "retired").length;
    expect(countsOf(told("dispositions"))).toEqual(count(truth, (one) => one.disposition));
    expect(countsOf(told("retired", "reasons"))).toEqual({ newer_message: retired });
  },
  freshness: ({ told }) => {
    const times = events.filter((event) => !event.tenantid.endsWith("~eval")).map((event) => Date.parse(event.time));
    expect(told("newest_event", "value")).toBe(Math.max(...times));
    expect(told("last_indexed", "value")).toBeGreaterThanOrEqual(now);
  },
};

describe("the analysts' questions", () => {
  it("are each answered by a test, and there are no others", () => {
    expect(files.map((file) => file.slice("00-".length, -".json".length)).toSorted()).toEqual(
      Object.keys(expectations).toSorted(),
    );
    expect(files.length).toBeGreaterThanOrEqual(12);
  });

  it.each(files)("%s is answered with what happened", async (file) => {
    const { title, question, read } = questionOf(file);
    expect([title, question, read].every((text) => text.length > 0)).toBe(true);
    expectations[file.slice("00-".length, -".json".length)]?.(await ask(file));
  });
});
