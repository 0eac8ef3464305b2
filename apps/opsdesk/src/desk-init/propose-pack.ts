import { hash } from "node:crypto";
import type { LabelledText } from "@opsdesk/router";
import { stringify } from "yaml";
import { slugOf, titleOf } from "./names.ts";

export interface Proposal {
  /** Relative path → text. */
  readonly files: ReadonlyMap<string, string>;
  readonly categories: readonly { readonly id: string; readonly label: string; readonly examples: number }[];
  /** Labels with too few texts to be learned. */
  readonly leftOut: readonly string[];
  /** Texts that stood under two labels: no category can have them. */
  readonly ambiguous: number;
}

export interface ProposeOptions {
  readonly id: string;
  readonly examplesMin: number;
}

/** A category learns little from more, and a file stays readable. */
const EXAMPLES_MAX = 500;
const EXAMPLES_CHARACTERS_MAX = 300_000;

/** A desk pack from past tickets: their labels become categories, their texts examples, and nothing is sent by itself. */
export function proposePack(past: readonly LabelledText[], { id, examplesMin }: ProposeOptions): Proposal {
  const { groups, ambiguous } = unambiguous(past);
  const kept = [...groups]
    .filter(([, { texts }]) => texts.length >= examplesMin)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const categories = kept.map(([category, { label, texts }]) => ({ id: category, label, texts: sampleOf(texts) }));
  const files = new Map([
    ["README.md", readme(id)],
    ["desk.yaml", `# Proposed from past tickets. Put in your people, teams and addresses.\n${stringify(deskOf(id))}`],
    [
      "categories.yaml",
      `# One category a label of the past tickets. Merge what your people would answer alike; describe each in a sentence.\n${stringify({ categories: categories.map(categoryOf) })}`,
    ],
    [
      "policy.yaml",
      `# Everything goes to a person first. License a category under autoSend when its drafts are approved unchanged.\n${stringify(POLICY)}`,
    ],
  ]);
  for (const category of categories) {
    files.set(`examples/${category.id}.yaml`, stringify(category.texts, { lineWidth: 0 }));
    files.set(`templates/${category.id}.md`, templateOf(category));
  }
  return {
    files,
    categories: categories.map(({ label, texts, ...category }) => ({ ...category, label, examples: texts.length })),
    leftOut: [...groups].filter(([, { texts }]) => texts.length < examplesMin).map(([, { label }]) => label),
    ambiguous,
  };
}

interface Group {
  readonly label: string;
  readonly texts: string[];
}

/** Each text once, under the one label that it has; labels that make the same id are one category. */
function unambiguous(past: readonly LabelledText[]): {
  readonly groups: ReadonlyMap<string, Group>;
  readonly ambiguous: number;
} {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/\s+/g, " ").trim();
  const labels = new Map<string, Set<string>>();
  for (const { text, label } of past)
    labels.set(plain(text), (labels.get(plain(text)) ?? new Set()).add(slugOf(label)));
  const groups = new Map<string, Group>();
  const seen = new Set<string>();
  for (const { text, label } of past) {
    const key = plain(text);
    if (seen.has(key) || (labels.get(key)?.size ?? 0) > 1) continue;
    seen.add(key);
    const id = slugOf(label);
    const group = groups.get(id) ?? { label, texts: [] };
    group.texts.push(text);
    groups.set(id, group);
  }
  return { groups, ambiguous: [...labels.values()].filter((under) => under.size > 1).length };
}

/** The same sample in every run, not the first of the file: its own order may be by customer or by day. */
function sampleOf(texts: readonly string[]): readonly string[] {
  const order = texts.map((text) => ({ text, key: hash("sha256", text) })).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  let characters = 0;
  return order.slice(0, EXAMPLES_MAX).flatMap(({ text }, place) => {
    characters += text.length;
    return place === 0 || characters <= EXAMPLES_CHARACTERS_MAX ? [text] : [];
  });
}

const deskOf = (id: string) => ({
  business: { id, name: titleOf(id), locale: "en-GB", timeZone: "UTC", signature: titleOf(id) },
  reference: {
    prefix: `${
      id
        .replaceAll(/[^a-z]/g, "")
        .slice(0, 2)
        .toUpperCase() || "T"
    }-`,
    firstNumber: 1,
  },
  teams: [{ id: "front", name: "Front line" }],
  people: [{ id: "lead", name: "Desk Lead", email: "lead@desk.example", role: "admin", team: "front" }],
  lead: "lead",
  responseTargets: { low: 1_440, normal: 480, high: 120, urgent: 30 },
});

const POLICY = {
  autoSend: { enabled: false, categories: [], capPerCustomerPerDay: 1, capPerHour: 10 },
  vetoRisks: ["phone_contact", "urgent", "legal", "complaint", "injection_suspected"],
  groundednessMin: 0.6,
  evidenceMin: 1,
  undoSeconds: 0,
  linkHours: 48,
  signals: [
    {
      id: "asks-for-a-call",
      risk: "phone_contact",
      detail: "The customer asks to be telephoned.",
      phrases: ["call me", "call back", "phone me", "ring me"],
    },
    {
      id: "says-it-is-urgent",
      risk: "urgent",
      priority: "urgent",
      detail: "The customer says that it cannot wait.",
      phrases: ["urgent", "asap", "immediately"],
    },
    {
      id: "speaks-of-law",
      risk: "legal",
      priority: "high",
      detail: "The customer speaks of law or a regulator.",
      phrases: ["legal action", "solicitor", "lawyer", "court", "ombudsman"],
    },
    {
      id: "complains",
      risk: "complaint",
      priority: "high",
      detail: "The customer complains.",
      phrases: ["complaint", "unacceptable", "speak to a manager"],
    },
    {
      id: "speaks-to-the-machine",
      risk: "injection_suspected",
      detail: "The text addresses an automatic system.",
      phrases: ["ignore previous instructions", "ignore all previous instructions", "system prompt"],
    },
  ],
};

const categoryOf = ({ id, label }: { id: string; label: string }) => ({
  id,
  name: titleOf(id),
  description: `Past tickets labelled ${JSON.stringify(label)}.`.slice(0, 300),
  priority: "normal",
  examplesFile: `examples/${id}.yaml`,
});

/** An acknowledgement: it claims nothing, so it needs no knowledge to stand on. */
const templateOf = ({ id }: { id: string }): string =>
  `${[
    "---",
    stringify({
      id: `${id}-received`,
      category: id,
      title: `${titleOf(id)}: received`,
      slots: ["customer_name", "reference", "desk_name"].map((name) => ({
        name,
        provenance: "system",
        required: true,
      })),
    }).trimEnd(),
    "---",
    "Hello {{customer_name}},",
    "",
    "Thank you for your message. We have received it, and one of us will answer you.",
    "",
    "Your reference is {{reference}}.",
    "",
    "Kind regards,",
    "{{desk_name}}",
  ].join("\n")}\n`;

const readme = (id: string): string => `# ${titleOf(id)}

A desk pack, proposed from past tickets by \`opsdesk desk init\`. Before you use it:

- Read \`examples/\`: the texts are copied from past tickets and may name people.
- Merge categories that your people would answer alike, and describe each in a sentence.
- Put your own people into \`desk.yaml\` and your own words into \`templates/\`.
- Add what the desk may quote under \`knowledge/\`.

Check it with \`opsdesk desk check\`, then apply it with \`opsdesk desk apply\`.
`;
