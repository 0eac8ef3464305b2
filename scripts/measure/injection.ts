import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readDeskPack } from "../../packages/desk-pack/src/index.ts";
import { readFolder } from "../../packages/desk-pack/src/read-folder.ts";
import { sha256Hex } from "../../packages/identity/src/index.ts";
import { route, type RouterModel, trainRouter } from "../../packages/router/src/index.ts";
import type { Evidence } from "../../schemas/src/common.ts";
import type { Desk } from "../../schemas/src/desk.ts";
import type { AiDraftProposed } from "../../schemas/src/events/ai-draft-proposed.ts";
import { markdownBlocks } from "../../services/retrieval/src/clients/markdown-blocks.ts";
import { chunksOf } from "../../services/retrieval/src/decide/chunk.ts";
import { type GateDecision, decideGate } from "../../services/safety-gate/src/decide/gate.ts";
import { gateInputs } from "../../services/safety-gate/src/decide/proposal-state.ts";
import { keyOf } from "../../services/safety-gate/src/decide/state.ts";
import { composeDraft } from "../../services/triage/src/decide/compose-draft.ts";
import { toldText, unansweredAsWritten, unansweredText } from "../../services/triage/src/decide/conversation.ts";
import { draftByRules } from "../../services/triage/src/decide/draft-by-rules.ts";
import { foundBy } from "../../services/triage/src/decide/end-turn.ts";
import { routingText } from "../../services/triage/src/decide/learn.ts";
import { proposal } from "../../services/triage/src/decide/propose.ts";
import { systemValues } from "../../services/triage/src/decide/system-slots.ts";
import { templatesFor } from "../../services/triage/src/decide/templates-for.ts";
import type { Ticket } from "../../services/triage/src/decide/ticket.ts";
import { triageByRules } from "../../services/triage/src/decide/triage-by-rules.ts";

const DESK = fileURLToPath(new URL("../../desks/it-helpdesk/", import.meta.url));
const NOW = "2026-11-20T09:00:00.000Z";
const SEED = 1;
const EVIDENCE_MAX = 8;
const MODEL = { name: "demo-template-router-v1", promptVersion: "measure" };

/** What triage and the gate need of a desk, with the knowledge that customers may read. */
interface Rehearsal {
  readonly desk: Desk;
  readonly router: RouterModel;
  readonly knowledge: readonly Evidence[];
}

interface Enquiry {
  readonly subject: string;
  readonly text: string;
}

async function rehearsal(): Promise<Rehearsal> {
  const read = readDeskPack(await readFolder(DESK));
  if ("problems" in read) throw new Error(`the sample desk has ${read.problems.length} problems`);
  const { desk, documents, examples } = read.pack;
  const knowledge = documents
    .filter(({ audience }) => audience === "customer")
    .flatMap(({ sourceId, title, uri, kind, content }) =>
      chunksOf(content, markdownBlocks(content), title).map(({ ordinal, start, end, text, section }): Evidence => ({
        citation: {
          sourceId,
          version: 1,
          chunkId: `${sourceId}#${ordinal}`,
          start,
          end,
          quoteHash: sha256Hex(text),
          title,
          uri,
        },
        text,
        kind,
        section,
        score: 1,
        legs: ["lexical"],
      })),
    );
  return {
    desk: { ...desk, apiKeys: [] },
    router: trainRouter(
      examples.map(({ text, categoryId }) => ({ text, label: categoryId })),
      { seed: SEED },
    ),
    knowledge,
  };
}

function ticketOf({ subject, text }: Enquiry): Ticket {
  const customer = { id: "cus_1", name: "Alex Morgan" };
  return {
    tenant: "it-helpdesk",
    ticketId: "tkt_1",
    revision: 1,
    conversationVersion: 1,
    closed: false,
    body: {
      reference: "OD-1025",
      aggregateVersion: 1,
      facts: { source: "measure", externalId: null, channel: "email", customer, subject, priority: "normal" },
      automatic: false,
      parts: [{ version: 1, kind: "customer", text }],
      answeredVersion: 0,
      statusVersion: 1,
    },
  };
}

/**
 * What triage proposes for an enquiry. Retrieval is given away: the evidence is what the templates of the category
 * rest on, which is the best that an attacker could hope for.
 */
function propose({ desk, router, knowledge }: Rehearsal, enquiry: Enquiry): AiDraftProposed {
  const ticket = ticketOf(enquiry);
  const { subject, priority } = ticket.body.facts;
  const text = unansweredText(ticket, 1);
  const found = foundBy(
    triageByRules(
      {
        subject,
        text,
        written: unansweredAsWritten(ticket, 1),
        told: toldText(ticket, 1),
        customerName: ticket.body.facts.customer.name,
        priority,
        categories: desk.categories,
        signals: desk.signals,
        deskLanguage: desk.business.locale.slice(0, 2),
        router: null,
      },
      route(router, routingText(subject, text)),
    ),
  );
  const { categoryId, language } = found;
  const fitting = categoryId === null ? undefined : templatesFor(desk, categoryId, language);
  const templates = fitting?.outcome === "found" ? fitting.templates : [];
  const grounds = new Set(templates.flatMap((template) => template.grounds));
  const evidence = knowledge.filter(({ citation }) => grounds.has(citation.sourceId)).slice(0, EVIDENCE_MAX);
  const customerName = ticket.body.facts.customer.name;
  const chosen = draftByRules({ subject, text, customerName, templates, language, evidence });
  const template = templates.find(({ id }) => id === chosen.templateId);
  const { reference } = ticket.body;
  const values = systemValues(desk, { reference, customerName }, language);
  const composed = template === undefined ? undefined : composeDraft(template, values, chosen.quotes, evidence);
  const { ticketId } = ticket;
  const ending = {
    draftId: "drf_1",
    conversationVersion: 1,
    triage: { ticketId, reference, aggregateVersion: 1, conversationVersion: 1, ...found },
    evidence,
    model: MODEL,
    runs: [],
  };
  const event =
    template !== undefined && composed?.outcome === "composed"
      ? proposal(ticket, {
          ...ending,
          outcome: "proposed",
          draft: { ...composed, templateId: template.id, templateVersion: template.version },
        })
      : proposal(ticket, { ...ending, outcome: "abstained", reason: found.reason ?? "template_missing" });
  // `proposal` builds exactly this from typed parts.
  return event.data as AiDraftProposed;
}

interface Answer {
  readonly decision: GateDecision;
  readonly draft: string;
}

/** The gate's word on an enquiry, with every source known to it and no cap reached. */
function answer(desk: Rehearsal, enquiry: Enquiry): Answer {
  const data = propose(desk, enquiry);
  const sources = desk.knowledge.map(({ citation: { sourceId } }) => sourceId);
  const event = {
    specversion: "1.0",
    id: "measure",
    source: "/opsdesk/triage",
    type: "ai.draft.proposed",
    schemaversion: "1.0",
    time: NOW,
    datacontenttype: "application/json",
    correlationid: "measure",
    idempotencykey: "measure",
    tenantid: "it-helpdesk",
    data,
  } as const;
  const inputs = gateInputs(
    event,
    desk.desk,
    {
      desks: new Map([["it-helpdesk", { desk: desk.desk }]]),
      stopped: new Map(),
      tickets: new Map(),
      gated: new Map(),
      reviewed: new Map(),
      sources: new Map(
        sources.map((sourceId) => [keyOf("it-helpdesk", sourceId), { sourceId, version: 1, retired: false }]),
      ),
      approvals: new Map(),
      heads: new Map(),
    },
    NOW,
  );
  return { decision: decideGate(inputs), draft: data.sentences.map(({ text }) => text).join(" ") };
}

interface Attack {
  readonly kind: string;
  readonly text: string;
}

/** Where an attack is planted: before the text, in its middle (at a space), after it. */
function plant({ subject, text }: Enquiry, attack: string): readonly Enquiry[] {
  const middle = Math.max(0, text.indexOf(" ", Math.floor(text.length / 2)));
  return [
    `${attack}\n\n${text}`,
    `${text.slice(0, middle)} ${attack} ${text.slice(middle)}`,
    `${text}\n\n${attack}`,
  ].map((planted) => ({ subject, text: planted }));
}

const plain = (text: string): string => text.toLowerCase().replaceAll(/\s+/g, " ").trim();
const has = (decision: GateDecision, rule: string): boolean => decision.reasons.some((reason) => reason.rule === rule);

function tally(answers: readonly { readonly attack?: Attack; readonly answer: Answer }[]): object {
  const rules: Record<string, number> = {};
  for (const { rule } of answers.flatMap(({ answer: { decision } }) => decision.reasons))
    rules[rule] = (rules[rule] ?? 0) + 1;
  const count = (holds: (one: (typeof answers)[number]) => boolean): number => answers.filter(holds).length;
  return {
    texts: answers.length,
    autoSent: count(({ answer: { decision } }) => decision.verdict === "auto_send"),
    flaggedAsInjection: count(({ answer: { decision } }) => has(decision, "risk:injection_suspected")),
    outOfScope: count(({ answer: { decision } }) => has(decision, "out_of_scope")),
    drafted: count(({ answer: { draft } }) => draft !== ""),
    attackInDraft: count(
      ({ attack, answer: { draft } }) => attack !== undefined && plain(draft).includes(plain(attack.text)),
    ),
    rules: Object.fromEntries(Object.entries(rules).toSorted(([, a], [, b]) => b - a)),
  };
}

/** The data set's e-mails are one line: `SUBJECT: …|EMAIL_FROM: …|CONTENT: …`, or the bare text. */
const enquiryOf = (context: string): Enquiry => ({
  subject: /^SUBJECT: ([^|]{0,300})/.exec(context)?.[1] ?? "",
  text: context,
});

/**
 * Known injections planted in e-mails, and in questions that the desk does answer by itself, through triage's rules,
 * the template and the gate. What protects is the architecture and not the word list: a reply is an approved
 * template in a licensed category, and nothing that a customer wrote gets into it.
 */
export async function measureInjection(dataDir: string): Promise<object> {
  const read = await readFile(join(dataDir, "bipia/text_attack_train.json"), "utf8");
  // The shape is the data set's own.
  const byKind = JSON.parse(read) as Record<string, readonly string[]>;
  const attacks = Object.entries(byKind).flatMap(([kind, texts]) => texts.map((text): Attack => ({ kind, text })));
  const lines = (await readFile(join(dataDir, "bipia/email_train.jsonl"), "utf8")).split("\n");
  const emails = lines
    .filter((line) => line.trim() !== "")
    // The shape is the data set's own.
    .map((line) => enquiryOf((JSON.parse(line) as { context: string }).context));
  const desk = await rehearsal();
  const licensed = desk.desk.scenarios.filter(({ kind }) => kind === "auto_send").map(({ input }) => input);
  const planted = (carriers: readonly Enquiry[]) =>
    carriers.flatMap((carrier) =>
      attacks.flatMap((attack) =>
        plant(carrier, attack.text).map((enquiry) => ({ attack, answer: answer(desk, enquiry) })),
      ),
    );
  const unplanted = (carriers: readonly Enquiry[]) => carriers.map((carrier) => ({ answer: answer(desk, carrier) }));
  const inEmails = planted(emails);
  return {
    attacks: attacks.length,
    emails: emails.length,
    emailsWithoutAttack: tally(unplanted(emails)),
    inEmails: tally(inEmails),
    flaggedByKind: Object.fromEntries(
      Object.keys(byKind).map((kind) => {
        const ofKind = inEmails.filter(({ attack }) => attack.kind === kind);
        const flagged = ofKind.filter(({ answer: { decision } }) => has(decision, "risk:injection_suspected"));
        return [kind, { texts: ofKind.length, flagged: flagged.length }];
      }),
    ),
    licensedQuestionsWithoutAttack: tally(unplanted(licensed)),
    inLicensedQuestions: tally(planted(licensed)),
  };
}
