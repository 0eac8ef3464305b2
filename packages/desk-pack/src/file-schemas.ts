import { Email, PersonalShort, Priority, Provenance, Role, ShortText, closed, oneOf } from "@opsdesk/schemas/common";
import { Category, Desk, GatePolicy, Scenario, Signal, TemplateSlot } from "@opsdesk/schemas/desk";
import Type, { type Static, type TSchema } from "typebox";

/**
 * What each file of a pack may say. Words are the contract's own where it has one; what the contract calls
 * `ownerId` a person writes as `owner`. A business's id never holds "~", which marks shadows.
 */
const Slug = Type.String({ pattern: "^[a-z0-9]+([._-][a-z0-9]+)*$", maxLength: 80 });
const SlotName = Type.String({ pattern: "^[a-z][a-z0-9_]*$", maxLength: 60 });
const Language = Type.String({ pattern: "^[a-z]{2}$" });
const Moment = Type.String({
  pattern: "^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?(Z|[+-]\\d{2}:\\d{2}))?$",
});
const slugs = (maxItems: number) => Type.Array(Slug, { maxItems });
const texts = (maxItems: number) => Type.Array(ShortText, { maxItems });
const { business, responseTargets } = Desk.properties;

/** The builder types do not carry the pattern; the value does. */
const patternOf = (schema: TSchema): string => (schema as { readonly pattern?: string }).pattern ?? "";

const PATTERN_WORDS: ReadonlyMap<string, string> = new Map([
  [patternOf(Slug), 'an id: small letters and digits, parted by ".", "_" or "-"'],
  [patternOf(SlotName), 'a slot name: small letters, digits and "_"'],
  [patternOf(Language), 'a language code such as "en"'],
  [patternOf(Moment), "a day (2026-01-31) or a time (2026-01-31T09:00:00Z)"],
  [patternOf(Email), "an e-mail address"],
  [patternOf(business.properties.locale), 'a locale such as "en-GB"'],
  [patternOf(business.properties.referencePrefix), 'a reference prefix: capital letters and "-", such as "OD-"'],
]);

/** What a text must look like, in words. */
export const patternWords = (pattern: string): string => PATTERN_WORDS.get(pattern) ?? `of the form ${pattern}`;

export const DeskFile = closed({
  business: closed({
    id: Slug,
    name: business.properties.name,
    locale: business.properties.locale,
    timeZone: business.properties.timeZone,
    signature: business.properties.signature,
  }),
  reference: closed({ prefix: business.properties.referencePrefix, firstNumber: business.properties.firstNumber }),
  ai: Type.Optional(Desk.properties.ai),
  teams: Type.Array(closed({ id: Slug, name: ShortText }), { maxItems: 100 }),
  people: Type.Array(
    closed({ id: Slug, name: PersonalShort, email: Type.Optional(Email), role: Role, team: Type.Optional(Slug) }),
    { minItems: 1, maxItems: 500 },
  ),
  lead: Slug,
  /** Category → person. A category that is not named here belongs to the lead. */
  owners: Type.Optional(Type.Record(Type.String(), Slug)),
  /** Minutes to a first answer. */
  responseTargets,
});
export type DeskFile = Static<typeof DeskFile>;

const Question = closed({
  id: Slug,
  question: ShortText,
  foundBy: closed({
    phrases: Type.Optional(texts(100)),
    identifiers: Type.Optional(
      Type.Array(oneOf("error_code", "asset_tag", "order_number", "email", "url", "amount", "phone", "number"), {
        maxItems: 20,
      }),
    ),
  }),
});

const ExampleText = Type.String({ minLength: 1, maxLength: 4_000 });

export const CategoriesFile = closed({
  categories: Type.Array(
    closed({
      id: Slug,
      name: Category.properties.name,
      description: Category.properties.description,
      priority: Priority,
      asks: Type.Optional(Type.Array(Question, { maxItems: 20 })),
      examples: Type.Optional(Type.Array(ExampleText, { maxItems: 5_000 })),
      /** A file in `examples/` with a list of texts, for when there are many. */
      examplesFile: Type.Optional(Type.String({ pattern: "^examples/[^/]+\\.yaml$" })),
    }),
    { minItems: 1, maxItems: 500 },
  ),
});
export type CategoriesFile = Static<typeof CategoriesFile>;

export const ExamplesFile = Type.Array(ExampleText, { minItems: 1, maxItems: 5_000 });

export const TemplateFront = closed({
  id: Slug,
  category: Slug,
  title: ShortText,
  /** Replies leave by e-mail; the key is written out so that another channel is an addition. */
  channel: Type.Optional(oneOf("email")),
  locale: Type.Optional(Language),
  slots: Type.Optional(
    Type.Array(
      closed({
        name: SlotName,
        provenance: Provenance,
        required: Type.Optional(Type.Boolean()),
        about: TemplateSlot.properties.about,
      }),
      { maxItems: 20 },
    ),
  ),
  grounds: Type.Optional(slugs(10)),
});
export type TemplateFront = Static<typeof TemplateFront>;

export const KnowledgeFront = closed({
  id: Slug,
  title: ShortText,
  kind: oneOf("policy", "playbook", "faq", "document"),
  product: Type.Optional(ShortText),
  site: Type.Optional(ShortText),
  locale: Type.Optional(Language),
  audience: oneOf("customer", "staff"),
  /** Where people read it; absent: its path in the pack. */
  uri: Type.Optional(Type.String({ minLength: 1, maxLength: 2_000 })),
  validFrom: Type.Optional(Moment),
  validTo: Type.Optional(Moment),
});
export type KnowledgeFront = Static<typeof KnowledgeFront>;

const { autoSend, groundednessMin, evidenceMin, undoSeconds, linkHours } = GatePolicy.properties;

export const PolicyFile = closed({
  autoSend: closed({
    enabled: autoSend.properties.enabled,
    categories: slugs(200),
    capPerCustomerPerDay: autoSend.properties.capPerCustomerPerDay,
    capPerHour: autoSend.properties.capPerHour,
  }),
  vetoRisks: slugs(100),
  groundednessMin,
  evidenceMin,
  undoSeconds,
  linkHours,
  signals: Type.Optional(
    Type.Array(
      closed({
        id: Slug,
        phrases: Signal.properties.phrases,
        risk: Type.Optional(Slug),
        priority: Signal.properties.priority,
        detail: Signal.properties.detail,
      }),
      { maxItems: 200 },
    ),
  ),
});
export type PolicyFile = Static<typeof PolicyFile>;

const { kind, input, expect } = Scenario.properties;

export const ScenariosFile = closed({
  scenarios: Type.Array(
    closed({
      id: Slug,
      title: ShortText,
      kind,
      input,
      expect: closed({
        disposition: expect.properties.disposition,
        /** Absent: any. */
        category: Type.Optional(Slug),
        template: Type.Optional(Slug),
        priority: expect.properties.priority,
        rules: Type.Optional(texts(20)),
        citations: Type.Optional(slugs(10)),
        facts: Type.Optional(texts(20)),
        never: Type.Optional(texts(20)),
      }),
    }),
    { minItems: 1, maxItems: 500 },
  ),
});
export type ScenariosFile = Static<typeof ScenariosFile>;

export const IntegrationsFile = closed({
  endpoints: Type.Array(
    closed({
      name: Slug,
      url: Type.String({ minLength: 1, maxLength: 2_000 }),
      owner: Slug,
      contact: ShortText,
      team: Type.Optional(Slug),
      events: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 40 }),
    }),
    { maxItems: 50 },
  ),
});
export type IntegrationsFile = Static<typeof IntegrationsFile>;
