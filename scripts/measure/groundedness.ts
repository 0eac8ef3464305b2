import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256Hex } from "../../packages/identity/src/index.ts";
import { areaUnderRoc } from "../../packages/router/src/index.ts";
import { sentencesOf } from "../../packages/text/src/index.ts";
import type { Evidence, Sentence } from "../../schemas/src/common.ts";
import { unsupportedSentences } from "../../services/evaluation/src/decide/support.ts";
import { groundedness } from "../../services/safety-gate/src/decide/check-support.ts";
import type { GateInputs } from "../../services/safety-gate/src/decide/gate-inputs.ts";

/** A model's answer with the contexts it was given and people's ratings of its faithfulness, 1 (invented) to 4. */
interface RatedAnswer {
  readonly contexts: readonly string[];
  readonly response: string;
  readonly faithfulness: readonly number[];
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

/** The share as the gate computes it: every sentence is a claim that cites everything it was given. */
function gateShare({ contexts, response }: RatedAnswer): number {
  const evidence = contexts.map((text, index): Evidence => ({
    citation: {
      sourceId: `context-${index}`,
      version: 1,
      chunkId: `context-${index}`,
      start: 0,
      end: text.length,
      quoteHash: sha256Hex(text),
      title: "",
      uri: "",
    },
    text,
    kind: "document",
    section: "",
    score: 1,
    legs: [],
  }));
  const citations = evidence.map(({ citation }) => ({ chunkId: citation.chunkId, quote: "" }));
  const sentences = sentencesOf(response).map(({ text }): Sentence => ({ text, source: "person", citations }));
  const inputs: GateInputs = {
    proposal: {
      ticketId: "",
      conversationVersion: 1,
      draftId: "",
      outcome: "proposed",
      reason: null,
      automatic: false,
      templateId: null,
      templateVersion: null,
      sentences,
      slots: [],
      categoryId: null,
      outOfScope: false,
      missingInformation: [],
      risks: [],
      language: "en",
    },
    evidence,
    template: null,
    desk: { ownWords: [], locales: ["en"] },
    policy: {
      autoSend: { enabled: false, categories: [], capPerCustomerPerDay: 0, capPerHour: 0 },
      vetoRisks: [],
      groundednessMin: 0,
      evidenceMin: 0,
      undoSeconds: 0,
      linkHours: 1,
    },
    switches: { deskOff: false, categoriesOff: [] },
    ticket: { conversationVersion: 1, closed: false },
    sources: [],
    counters: { customerDay: 0, hour: 0 },
  };
  return groundedness(inputs).share;
}

/** The share of sentences that evaluation does not call unsupported. */
function supportedShare({ contexts, response }: RatedAnswer): number {
  const texts = sentencesOf(response).map(({ text }) => text);
  const { sentences, unsupported } = unsupportedSentences(texts, contexts, "en");
  return sentences === 0 ? 1 : 1 - unsupported.length / sentences;
}

/** Ranks from 1; equal values share the mean of their places. */
function ranksOf(values: readonly number[]): readonly number[] {
  const order = values.map((value, place) => ({ value, place })).toSorted((a, b) => a.value - b.value);
  const ranks = Array.from({ length: values.length }, () => 0);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && order[to]?.value === order[from]?.value) to += 1;
    for (const { place } of order.slice(from, to)) ranks[place] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

function spearman(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranksOf(a), ranksOf(b)];
  const [meanX, meanY] = [mean(x), mean(y)];
  const covariance = x.reduce((sum, value, i) => sum + (value - meanX) * ((y[i] ?? 0) - meanY), 0);
  const spread = (values: readonly number[], centre: number): number =>
    Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0));
  return covariance / (spread(x, meanX) * spread(y, meanY));
}

/** How well scores tell what people called faithful from what they did not. Between the two limits nobody is asked. */
function compare(answers: readonly RatedAnswer[], scores: readonly number[]): object {
  const ratings = answers.map(({ faithfulness }) => mean(faithfulness));
  const auroc = (faithfulFrom: number, inventedTo: number): object => {
    const faithful = scores.filter((_, i) => (ratings[i] ?? 0) >= faithfulFrom);
    const invented = scores.filter((_, i) => (ratings[i] ?? 0) <= inventedTo);
    return { faithful: faithful.length, invented: invented.length, auroc: rounded(areaUnderRoc(faithful, invented)) };
  };
  return {
    spearman: rounded(spearman(scores, ratings)),
    unanimous: auroc(4, 2),
    // Means of three ratings are thirds: nothing lies between 2.99 and 3.
    atThree: auroc(3, 2.99),
  };
}

/** The project's groundedness scores against people's ratings, over `mtrag/human_ratings.jsonl`. */
export async function measureGroundedness(dataDir: string): Promise<object> {
  const lines = (await readFile(join(dataDir, "mtrag/human_ratings.jsonl"), "utf8")).split("\n");
  // The shape is the data set's own; a row without it fails where it is used.
  const answers = lines.filter((line) => line.trim() !== "").map((line) => JSON.parse(line) as RatedAnswer);
  const gateScores = answers.map(gateShare);
  return {
    answers: answers.length,
    gate: compare(answers, gateScores),
    evaluation: compare(answers, answers.map(supportedShare)),
  };
}
