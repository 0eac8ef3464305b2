import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "../../packages/database/src/index.ts";
import { startHarness, type Harness } from "../../packages/service/src/testing.ts";
import { sha256Hex } from "../../packages/identity/src/index.ts";
import { localEmbeddings } from "../../services/retrieval/src/clients/embeddings.ts";
import { type Answer, evidenceOf } from "../../services/retrieval/src/decide/assemble.ts";
import { RETRIEVAL_V1, type RetrievalPolicy } from "../../services/retrieval/src/decide/retrieval-policy.ts";
import { search } from "../../services/retrieval/src/search.ts";
import { retrievalService } from "../../services/retrieval/src/wiring.ts";

interface Passage {
  readonly id: string;
  readonly collection: string;
  readonly text: string;
  readonly title: string;
}

interface Question {
  readonly collection: string;
  readonly question: string;
  readonly history: readonly { readonly speaker: string; readonly text: string }[];
  /** Ids of the passages that answer it. */
  readonly relevant: readonly string[];
  readonly answerability: readonly ("ANSWERABLE" | "PARTIAL" | "UNANSWERABLE" | "UNDERSPECIFIED")[];
}

const BATCH = 50;
const DEPTH = 50;

/** One JSON value a line. */
async function readLines<T>(file: string): Promise<T[]> {
  // The shape is the data set's own; a row without it fails where it is used.
  return (await readFile(file, "utf8"))
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as T);
}

/** What is searched for: a question alone says less than the conversation does, and the whole says too much. */
const FORMS: Readonly<Record<string, (question: Question) => string>> = {
  question: ({ question }) => question,
  questionAfterPrevious: ({ question, history }) => [...askedBefore(history).slice(-1), question].join("\n"),
  wholeConversation: ({ question, history }) => [...askedBefore(history), question].join("\n"),
};
const askedBefore = (history: Question["history"]): string[] =>
  history.filter(({ speaker }) => speaker === "user").map(({ text }) => text);

const onlyLeg = (leg: keyof RetrievalPolicy["weights"]): RetrievalPolicy => ({
  ...RETRIEVAL_V1,
  weights: { dense: 0, lexical: 0, identifier: 0, [leg]: 1 },
});
const POLICIES: Readonly<Record<string, RetrievalPolicy>> = {
  fused: RETRIEVAL_V1,
  fusedEqually: { ...RETRIEVAL_V1, weights: { dense: 1, lexical: 1, identifier: 1 } },
  dense: onlyLeg("dense"),
  lexical: onlyLeg("lexical"),
  identifier: onlyLeg("identifier"),
};

async function ingest(desk: Harness, passages: readonly Passage[]): Promise<number> {
  const from = performance.now();
  for (let at = 0; at < passages.length; at += BATCH)
    await desk.given(
      ...passages.slice(at, at + BATCH).map(({ id, collection, text, title }) => ({
        type: "knowledge.source_submitted" as const,
        tenant: collection,
        key: id,
        data: {
          sourceId: id,
          title: title.slice(0, 300) || "Passage",
          uri: "",
          kind: "document",
          locale: "en",
          audience: "customer",
          contentType: "text/markdown",
          contentHash: sha256Hex(text),
          content: text,
        },
      })),
    );
  return performance.now() - from;
}

async function answersOf(
  desk: Harness,
  questions: readonly Question[],
  form: (question: Question) => string,
  policy: RetrievalPolicy,
  limit: number,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let at = 0; at < questions.length; at += BATCH) {
    const requests = questions.slice(at, at + BATCH).map((question) => ({
      tenant: question.collection,
      text: form(question),
      locale: "en",
      filters: { locale: "en", audience: "customer" },
      preferredSources: [],
      limit,
    }));
    const ports = { embeddings: localEmbeddings, policy };
    answers.push(...(await search(desk.read, ports, requests, new Date().toISOString())).answers);
  }
  return answers;
}

const mean = (values: readonly number[]): number =>
  Math.round((values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)) * 1000) / 1000;
const sourcesOf = (ids: readonly string[]): string[] => [...new Set(ids)];
const gain = (places: readonly boolean[]): number =>
  places.reduce((sum, relevant, index) => sum + (relevant ? 1 / Math.log2(index + 2) : 0), 0);

/** Ranking, over the questions that have an answer. A passage counts once, at its best chunk. */
function ranking(questions: readonly Question[], answers: readonly Answer[]): object {
  const judged = questions.flatMap(({ relevant }, index) => {
    if (relevant.length === 0) return [];
    const found = sourcesOf((answers[index]?.findings ?? []).map(({ citation }) => citation.sourceId)).map((id) =>
      relevant.includes(id),
    );
    const recall = (depth: number): number => found.slice(0, depth).filter(Boolean).length / relevant.length;
    const first = found.indexOf(true);
    const ideal = gain(Array.from({ length: Math.min(10, relevant.length) }, () => true));
    return [
      {
        at5: recall(5),
        at10: recall(10),
        at50: recall(50),
        mrr: first < 0 ? 0 : 1 / (first + 1),
        ndcg: gain(found.slice(0, 10)) / ideal,
      },
    ];
  });
  return {
    questions: judged.length,
    recallAt5: mean(judged.map(({ at5 }) => at5)),
    recallAt10: mean(judged.map(({ at10 }) => at10)),
    recallAt50: mean(judged.map(({ at50 }) => at50)),
    mrr: mean(judged.map(({ mrr }) => mrr)),
    ndcgAt10: mean(judged.map(({ ndcg }) => ndcg)),
  };
}

/** Abstention: weak evidence is right for what cannot be answered. Underspecified questions have no answer either. */
function abstention(questions: readonly Question[], answers: readonly Answer[], policy: RetrievalPolicy): object {
  const judged = questions.map(({ answerability, relevant }, index) => {
    const answer = answers[index];
    const cited = answer === undefined ? [] : evidenceOf(answer, policy).map(({ citation }) => citation.sourceId);
    return {
      answerable: answerability.some((one) => one === "ANSWERABLE" || one === "PARTIAL"),
      unanswerable: answerability.includes("UNANSWERABLE"),
      weak: answer?.strength.weak ?? true,
      citedRelevant: cited.length === 0 ? 0 : cited.filter((id) => relevant.includes(id)).length / cited.length,
      relevantCited:
        relevant.length === 0 ? 0 : sourcesOf(cited).filter((id) => relevant.includes(id)).length / relevant.length,
      cited: cited.length,
    };
  });
  const share = (of: typeof judged, holds: (one: (typeof judged)[number]) => boolean): number =>
    mean(of.map((one) => (holds(one) ? 1 : 0)));
  const answerable = judged.filter((one) => one.answerable);
  const kept = answerable.filter((one) => !one.weak);
  return {
    abstained: judged.filter((one) => one.weak).length,
    precision: share(
      judged.filter((one) => one.weak),
      (one) => !one.answerable,
    ),
    recallUnanswerable: share(
      judged.filter((one) => one.unanswerable),
      (one) => one.weak,
    ),
    recallWithUnderspecified: share(
      judged.filter((one) => !one.answerable),
      (one) => one.weak,
    ),
    answerableLost: share(answerable, (one) => one.weak),
    evidenceOfAnswered: {
      chunks: mean(kept.map((one) => one.cited)),
      precision: mean(kept.map((one) => one.citedRelevant)),
      recall: mean(kept.map((one) => one.relevantCited)),
    },
  };
}

/** A question about the other collection's world cannot be answered from this one: abstention where topics differ. */
async function foreign(
  desk: Harness,
  questions: readonly Question[],
  form: (question: Question) => string,
): Promise<number> {
  const swapped = questions.map((question) => ({
    ...question,
    collection: question.collection === "fiqa" ? "ibmcloud" : "fiqa",
  }));
  const answers = await answersOf(desk, swapped, form, RETRIEVAL_V1, RETRIEVAL_V1.evidenceMax);
  return mean(answers.map(({ strength }) => (strength.weak ? 1 : 0)));
}

/**
 * Ranking, abstention and speed of retrieval on the passages and questions in `mtrag/` under a folder: ingested
 * through the service itself, into Postgres in memory, a tenant a collection.
 */
export async function measureRetrieval(dataDir: string): Promise<object> {
  const passages = await readLines<Passage>(join(dataDir, "mtrag/passages.jsonl"));
  const questions = await readLines<Question>(join(dataDir, "mtrag/queries.jsonl"));
  const desk = await startHarness(retrievalService);
  try {
    const ingestMs = await ingest(desk, passages);
    const [indexed] = await desk.query<{ chunks: number }>(
      sql`select count(*) as chunks from retrieval.knowledge_chunks`,
    );
    const results: Record<string, object> = {};
    for (const [name, form] of Object.entries(FORMS)) {
      const legs: Record<string, object> = {};
      for (const [policy, values] of Object.entries(POLICIES))
        legs[policy] = ranking(questions, await answersOf(desk, questions, form, values, DEPTH));
      const from = performance.now();
      const answers = await answersOf(desk, questions, form, RETRIEVAL_V1, RETRIEVAL_V1.evidenceMax);
      const msPerQuery = Math.round(((performance.now() - from) / questions.length) * 100) / 100;
      results[name] = {
        legs,
        abstention: abstention(questions, answers, RETRIEVAL_V1),
        abstainedOnOtherCollection: await foreign(desk, questions, form),
        msPerQuery,
      };
    }
    return {
      retrievalPolicy: RETRIEVAL_V1.id,
      embeddingModel: localEmbeddings.model,
      passages: passages.length,
      chunks: indexed?.chunks ?? 0,
      ingestMsPerPassage: Math.round((ingestMs / passages.length) * 100) / 100,
      questions: questions.length,
      ...results,
    };
  } finally {
    await desk.stop();
  }
}
