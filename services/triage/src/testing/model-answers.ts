/** What the endpoint of a model is asked, as far as an answer depends on it. */
export interface Asked {
  readonly system: string;
  readonly user: string;
}

interface Lists {
  readonly categories: readonly {
    readonly id: string;
    readonly name: string;
    readonly description: string;
    readonly priority: string;
  }[];
}

interface Templates {
  readonly templates: readonly {
    readonly id: string;
    readonly title: string;
    readonly body: string;
    readonly slots: readonly { readonly name: string; readonly about: readonly string[] }[];
  }[];
}

const wordsIn = (text: string): ReadonlySet<string> => new Set(text.toLowerCase().match(/\p{L}{4,}/gu));
const shared = (text: string, words: ReadonlySet<string>): number =>
  [...wordsIn(text)].filter((word) => words.has(word)).length;

/** What stands between marks, by its name. */
function marked(user: string): ReadonlyMap<string, string> {
  const pieces = user.matchAll(/<([a-z0-9-]+)-([0-9a-f]{32})>\n([\s\S]*?)\n<\/\1-\2>/g);
  return new Map([...pieces].map(([, name = "", , text = ""]) => [name, text]));
}

function nearest<Item>(items: readonly Item[], text: (item: Item) => string, words: ReadonlySet<string>): Item {
  const [first] = items.toSorted((a, b) => shared(text(b), words) - shared(text(a), words));
  if (first === undefined) throw new TypeError("nothing to choose from");
  return first;
}

function triage(lists: Lists, words: ReadonlySet<string>, enquiry: string) {
  const { id, priority } = nearest(lists.categories, ({ description, name }) => `${name} ${description}`, words);
  return {
    verdict: "triaged",
    categoryId: id,
    confidence: 0.8,
    priority,
    summary: enquiry.slice(0, 200),
    missing: [],
    risks: [],
  };
}

/** A sentence of the evidence that is about one of the slot's subjects, as it stands there. */
function quoteFor(slot: string, about: readonly string[], pieces: ReadonlyMap<string, string>) {
  for (const [name, text] of pieces) {
    const number = /^evidence-(\d+)$/.exec(name)?.[1];
    const sentence = text
      .split(/(?<=[.!?])\s+|\n{2,}/u)
      .find((one) => one.length < 300 && about.some((subject) => one.toLowerCase().includes(subject.toLowerCase())));
    if (number !== undefined && sentence !== undefined) return { slot, evidence: Number(number), quote: sentence };
  }
  return undefined;
}

function draft({ templates }: Templates, words: ReadonlySet<string>, pieces: ReadonlyMap<string, string>) {
  const { id, slots } = nearest(templates, ({ body, title }) => `${title} ${body}`, words);
  const quotes = slots.flatMap(({ about, name }) => quoteFor(name, about, pieces) ?? []);
  return { verdict: "chosen", templateId: id, quotes };
}

/** A simple but sensible answer, made from nothing but the question: the category and template that share most words. */
export function sensibleAnswer({ system, user }: Asked): unknown {
  const pieces = marked(user);
  const enquiry = pieces.get("enquiry") ?? "";
  const words = wordsIn(`${pieces.get("subject") ?? ""} ${enquiry}`);
  const lists = system.split("The desk's lists:\n")[1];
  // Both are written by this service: see ask-triage.ts and ask-draft.ts.
  return lists === undefined
    ? draft(JSON.parse(user.slice(0, user.indexOf("\n"))) as Templates, words, pieces)
    : triage(JSON.parse(lists) as Lists, words, enquiry);
}
