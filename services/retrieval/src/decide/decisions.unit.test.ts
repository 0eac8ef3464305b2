import { checkProduced } from "@opsdesk/schemas";
import type { ContextRetrieved } from "@opsdesk/schemas/context-retrieved";
import { aDesk, aTriaged, NOW } from "../testing/fixtures.ts";
import { answerRetrieval, failedRetrieval, type RunningJob, waitsForIndexing } from "./answer-retrieval.ts";
import { assemble } from "./assemble.ts";
import { indexVersion, settledReason, skipVersion, type WaitingVersion } from "./index-source.ts";
import { RETRIEVAL_V1 as policy } from "./retrieval-policy.ts";
import { commandSource } from "./retire-source.ts";
import { termsOf } from "./terms.ts";
import { localeOf, type RetrievalRequest, startRetrieval } from "./start-retrieval.ts";

const request: RetrievalRequest = {
  tenant: "it-helpdesk",
  ticketId: "tkt_1",
  conversationVersion: 1,
  aggregateVersion: 2,
  reference: "OD-1025",
  searchText: "Wi-Fi drops every day",
  locale: "en",
  preferredSources: [],
  requestedAt: NOW,
};
const job: RunningJob = {
  id: "job-1",
  tenant: "it-helpdesk",
  attempt: 0,
  data: { ticketId: "tkt_1", conversationVersion: 1, aggregateVersion: 2, reference: "OD-1025" },
};
const times = { startedAt: NOW, latencyMs: 3 };
const content = "When the Wi-Fi drops every day, move the scan.";
const chunk = {
  chunkId: "chk_1",
  sourceId: "wifi",
  version: 1,
  title: "Wi-Fi",
  uri: "x",
  kind: "playbook",
  section: "Drops",
  content,
  terms: new Set(termsOf(content, "en")),
  start: 0,
  end: content.length,
  quoteHash: "a".repeat(64),
};
const hit = { chunkId: "chk_1", score: 0.03, legs: [{ leg: "dense" as const, rank: 1, score: 0.4 }] };

const seen = (changes = {}) => ({ tenant: "it-helpdesk", ticket: aTriaged(changes), at: NOW, sites: [] });
const alone = { shared: [], storm: { windowMinutes: 40, ticketsMin: { site: 5, asset: 5, category: 0 } } };

describe("startRetrieval", () => {
  const start = (changes = {}, desk: ReturnType<typeof aDesk> | undefined = aDesk()) =>
    startRetrieval(seen(changes), desk, policy, NOW);

  it("keeps the request and sends one job that carries its version", () => {
    expect(start()).toMatchObject({
      outcome: "done",
      effects: {
        rows: { request: { locale: "en", conversationVersion: 1 }, edges: [{ kind: "category", target: "network" }] },
        jobs: [
          {
            queue: "retrieve.context",
            key: "tkt_1",
            data: { ticketId: "tkt_1", conversationVersion: 1, reference: "OD-1025" },
          },
        ],
      },
    });
  });

  it("answers at once, with a valid event, where there is nothing to search for", () => {
    for (const changes of [{ outcome: "abstained" }, { outcome: "failed" }, { searchText: " \u0000\n" }] as const) {
      const outcome = startRetrieval(seen(changes), undefined, policy, NOW);
      if (outcome.outcome !== "done") throw new Error(outcome.outcome);
      expect(outcome.effects.jobs).toBeUndefined();
      expect(checkProduced("context.retrieved", outcome.effects.events?.[0]?.data)).toEqual([]);
    }
  });

  it("waits for a desk that the ticket overtook", () => {
    expect(startRetrieval(seen(), undefined, policy, NOW)).toMatchObject({
      outcome: "defer",
      waiting: { until: "desk:it-helpdesk" },
    });
  });

  it("searches in the enquiry's language, and in the desk's where it has none", () => {
    expect(["de", "DE-AT", "und", "unknown", ""].map((language) => localeOf(language, aDesk()))).toEqual([
      "de",
      "de",
      "en",
      "en",
      "en",
    ]);
  });

  it("prefers the grounds of the category's templates", () => {
    const template = {
      id: "t",
      categoryId: "network",
      title: "T",
      locale: "en",
      body: "b",
      slots: [],
      grounds: ["wifi", "lan"],
      version: "a".repeat(64),
    };
    expect(
      start(
        {},
        aDesk({
          templates: [
            template,
            { ...template, id: "u" },
            { ...template, id: "v", categoryId: "else", grounds: ["no"] },
          ],
        }),
      ),
    ).toMatchObject({
      effects: { rows: { request: { preferredSources: ["wifi", "lan"] } } },
    });
  });
});

describe("answering", () => {
  const answered = (chunks = new Map([["chk_1", chunk]]), searchText = request.searchText) => {
    const outcome = answerRetrieval(
      job,
      { ...request, searchText },
      assemble({ text: searchText, locale: "en" }, [hit], chunks, policy, 8),
      alone,
      { lexical: "postgres", graph: "postgres", degraded: [] },
      policy,
      "m",
      times,
    );
    if (outcome.outcome !== "done") throw new Error(outcome.outcome);
    const data = outcome.effects.events?.[0]?.data as ContextRetrieved;
    expect(checkProduced("context.retrieved", data)).toEqual([]);
    return { data, rows: outcome.effects.rows };
  };

  it("gives cited evidence and a run", () => {
    expect(answered()).toMatchObject({
      data: { outcome: "found", evidence: [{ text: content, legs: ["dense"] }], runs: [{ outcome: "succeeded" }] },
      rows: { chunkIds: ["chk_1"] },
    });
  });

  it("passes no weak evidence on, but remembers what it was", () => {
    expect(answered(undefined, "birthday dinner on friday evening")).toMatchObject({
      data: { outcome: "weak", evidence: [], runs: [{ outcome: "abstained" }] },
      rows: { chunkIds: ["chk_1"] },
    });
  });

  it("gives no chunk that stopped being quotable since it was found", () => {
    expect(answered(new Map()).data).toMatchObject({ outcome: "weak", reason: "nothing_found", evidence: [] });
  });

  it("gives the same answer to the same inputs, byte for byte", () => {
    expect(JSON.stringify(answered())).toBe(JSON.stringify(answered()));
  });

  it("records a run that failed, and lets the chain go on", () => {
    const outcome = failedRetrieval(job, "embedding_unavailable", policy, "m", NOW);
    if (outcome.outcome !== "done") throw new Error(outcome.outcome);
    expect(checkProduced("context.retrieved", outcome.effects.events?.[0]?.data)).toEqual([]);
    expect(outcome.effects).toMatchObject({
      rows: { run: { outcome: "failed", reason: "embedding_unavailable" } },
      events: [{ data: { outcome: "failed" } }],
    });
  });

  it("waits a moment for documents that are being indexed for the first time, and not for ever", () => {
    expect(waitsForIndexing(request, 2, NOW)).toMatchObject({ outcome: "defer", reason: "knowledge_being_indexed" });
    expect(waitsForIndexing(request, 0, NOW)).toBeUndefined();
    expect(waitsForIndexing(request, 2, "2026-11-20T09:00:11.000Z")).toBeUndefined();
  });
});

describe("indexVersion", () => {
  const waiting: WaitingVersion = {
    tenant: "it-helpdesk",
    sourceId: "wifi",
    version: 2,
    title: "Wi-Fi",
    locale: "en",
    contentHash: "a".repeat(64),
    state: "submitted",
    validFrom: NOW,
    revision: 3,
    retired: false,
    indexedVersion: 1,
    liveVersion: 1,
  };
  const chunks = [
    { ordinal: 0, start: 0, end: content.length, text: content, section: "Drops", context: "Wi-Fi › Drops" },
  ];
  const indexed = (now = NOW, changes: Partial<WaitingVersion> = {}) => {
    const outcome = indexVersion({ ...waiting, ...changes }, chunks, [new Float32Array(384)], "m", now);
    if (outcome.outcome !== "done" || outcome.effects.rows === undefined) throw new Error(outcome.outcome);
    return { row: outcome.effects.rows, event: outcome.effects.events?.[0] };
  };

  it("gives chunks ids from what they are, so that indexing again changes nothing", () => {
    expect(indexed().row.chunks[0]?.chunkId).toBe(indexed("2027-01-01T00:00:00Z").row.chunks[0]?.chunkId);
    const others = [{ tenant: "other" }, { sourceId: "vpn" }, { version: 3 }].map(
      (changes) => indexed(NOW, changes).row.chunks[0]?.chunkId,
    );
    expect(new Set([...others, indexed().row.chunks[0]?.chunkId]).size).toBe(4);
  });

  it("says what it supersedes, in a valid event", () => {
    const { event } = indexed();
    expect(event).toMatchObject({
      type: "knowledge.source_indexed",
      key: "wifi",
      data: { version: 2, supersedes: 1, chunks: 1 },
    });
    expect(checkProduced("knowledge.source_indexed", event?.data)).toEqual([]);
  });

  it("takes the older version's place when it becomes valid, not before", () => {
    expect(indexed(NOW, { validFrom: "2027-01-01T00:00:00.000Z" }).row.effectiveFrom).toBe("2027-01-01T00:00:00.000Z");
    expect(indexed(NOW, { validFrom: "2020-01-01T00:00:00.000Z" }).row.effectiveFrom).toBe(NOW);
  });

  it("skips what was retired or overtaken, and leaves alone what is settled", () => {
    expect(settledReason(waiting)).toBeUndefined();
    expect(settledReason({ ...waiting, retired: true })).toBe("source_retired");
    expect(settledReason({ ...waiting, indexedVersion: 3 })).toBe("version_superseded");
    expect(skipVersion(waiting, "source_retired", NOW, "m")).toMatchObject({
      outcome: "done",
      effects: { rows: { state: "skipped", effectiveFrom: null, chunks: [] } },
    });
    expect(skipVersion({ ...waiting, state: "indexed" }, "version_settled", NOW, "m")).toMatchObject({
      outcome: "ignore",
    });
  });
});

describe("commandSource", () => {
  const command = (changes = {}) => ({
    id: "evt-1",
    tenant: "it-helpdesk",
    data: {
      actor: { kind: "person" as const, id: "priya" },
      target: "source" as const,
      command: "retire",
      arguments: { sourceId: "wifi" },
      ...changes,
    },
  });
  const source = { latestVersion: 3, revision: 7, retired: false, indexedVersion: 2 };

  it("retires the version that could be quoted", () => {
    const outcome = commandSource(command(), source, NOW);
    expect(outcome).toMatchObject({
      outcome: "done",
      effects: {
        rows: { seenRevision: 7, reason: "removed" },
        events: [{ type: "knowledge.source_retired", data: { sourceId: "wifi", version: 2 } }],
      },
    });
  });

  it("leaves other owners' targets alone and does nothing twice", () => {
    expect(commandSource(command({ target: "endpoint" }), undefined, NOW)).toMatchObject({ outcome: "ignore" });
    expect(commandSource(command(), { ...source, retired: true }, NOW)).toMatchObject({
      outcome: "ignore",
      reason: "source_already_retired",
    });
  });

  it("refuses with a code and tells the actor, in a valid event", () => {
    for (const [changes, known, code] of [
      [{ command: "explode" }, source, "command_unknown"],
      [{ arguments: {} }, source, "arguments_invalid"],
      [{ arguments: { sourceId: 7 } }, source, "arguments_invalid"],
      [{ arguments: { sourceId: "wifi", reason: "boredom" } }, source, "arguments_invalid"],
      [{}, undefined, "source_not_found"],
    ] as const) {
      const outcome = commandSource(command(changes), known, NOW);
      expect(outcome).toMatchObject({ outcome: "reject", code });
      if (outcome.outcome === "reject") expect(checkProduced("command.refused", outcome.events[0]?.data)).toEqual([]);
    }
  });
});
