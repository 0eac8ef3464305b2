import Type, { type Static } from "typebox";
import {
  closed,
  Count,
  Email,
  Hash,
  Id,
  oneOf,
  orNull,
  PersonalShort,
  PersonalTitle,
  Priority,
  Provenance,
  Role,
  Share,
  ShortText,
} from "./common.ts";

/** The desk as every service sees it: what its decisions need, no secrets and no examples. */

export const Person = closed({
  id: Id,
  name: PersonalShort,
  /** Absent in a shadow tenant: evaluation never reaches a person. */
  email: Type.Optional(Email),
  role: Role,
  teamId: Type.Optional(Id),
});

/** A written rule over the enquiry's words. It matches when any phrase occurs as whole words, case-insensitively. */
export const Signal = closed({
  id: Id,
  phrases: Type.Array(ShortText, { minItems: 1, maxItems: 100 }),
  risk: Type.Optional(Id),
  priority: Type.Optional(Priority),
  detail: ShortText,
});

/** What a good answer needs to know. Known when a phrase or an identifier of a listed kind occurs in the enquiry. */
export const Question = closed({
  id: Id,
  question: ShortText,
  foundBy: closed({
    phrases: Type.Array(ShortText, { maxItems: 100 }),
    identifiers: Type.Array(Id, { maxItems: 20 }),
  }),
});

export const Category = closed({
  id: Id,
  name: ShortText,
  description: Type.String({ maxLength: 1_000 }),
  ownerId: Id,
  priority: Priority,
  asks: Type.Array(Question, { maxItems: 20 }),
});

/** `system` slots name a value the desk knows (customer_name, reference, desk_name); `knowledge` slots quote the evidence. */
export const TemplateSlot = closed({
  name: Id,
  provenance: Provenance,
  required: Type.Boolean(),
  /** For `knowledge`: words that the quoted sentence must be about. */
  about: Type.Optional(Type.Array(ShortText, { maxItems: 20 })),
});

export const Template = closed({
  id: Id,
  categoryId: Id,
  title: ShortText,
  locale: Type.String({ pattern: "^[a-z]{2}$" }),
  /** `{{slot}}` marks a slot; blank lines part paragraphs. */
  body: Type.String({ minLength: 1, maxLength: 8_000 }),
  slots: Type.Array(TemplateSlot, { maxItems: 20 }),
  /** Sources that this template's fixed sentences rest on. */
  grounds: Type.Array(Id, { maxItems: 10 }),
  version: Hash,
});

export const GatePolicy = closed({
  /** Off by default: every draft goes to a person. */
  autoSend: closed({
    enabled: Type.Boolean(),
    categories: Type.Array(Id, { maxItems: 200 }),
    capPerCustomerPerDay: Count,
    capPerHour: Count,
  }),
  vetoRisks: Type.Array(Id, { maxItems: 100 }),
  groundednessMin: Share,
  evidenceMin: Count,
  undoSeconds: Count,
  linkHours: Type.Integer({ minimum: 1, maximum: 720 }),
});
export type GatePolicy = Static<typeof GatePolicy>;

export const Endpoint = closed({
  name: Id,
  url: Type.String({ maxLength: 2_000 }),
  ownerId: Id,
  contact: PersonalTitle,
  teamId: Type.Optional(Id),
  events: Type.Array(Id, { minItems: 1, maxItems: 40 }),
});

export const Scenario = closed({
  id: Id,
  title: ShortText,
  kind: oneOf("answerable", "review", "refusal", "injection", "unanswerable", "auto_send"),
  input: closed({
    /** A scenario may be made from a real enquiry. */
    from: closed({ name: PersonalTitle, email: Type.Optional(Type.String({ maxLength: 320, "x-personal": true })) }),
    subject: PersonalTitle,
    text: Type.String({ minLength: 1, maxLength: 8_000, "x-personal": true }),
  }),
  expect: closed({
    disposition: oneOf("auto_approved", "review_required"),
    categoryId: orNull(Id),
    templateId: orNull(Id),
    priority: Type.Optional(Priority),
    /** Rules that must be among the reasons. */
    rules: Type.Array(Id, { maxItems: 20 }),
    /** Sources that must be cited by the evidence. */
    citations: Type.Array(Id, { maxItems: 10 }),
    /** Texts that the draft must contain. */
    facts: Type.Array(ShortText, { maxItems: 20 }),
    /** Texts that must not occur in the draft. */
    never: Type.Array(ShortText, { maxItems: 20 }),
  }),
});
export type Scenario = Static<typeof Scenario>;

export const ApiKeyFingerprint = closed({
  keyId: Id,
  /** Of a 256-bit random key: it says nothing about the key, and lets every service check one without asking. */
  sha256: Hash,
  scopes: Type.Array(Id, { minItems: 1, maxItems: 30 }),
});

export const Desk = closed({
  business: closed({
    id: Id,
    name: ShortText,
    locale: Type.String({ pattern: "^[a-z]{2}(-[A-Z]{2})?$" }),
    timeZone: ShortText,
    referencePrefix: Type.String({ pattern: "^[A-Z]{1,8}-$" }),
    firstNumber: Type.Integer({ minimum: 1 }),
    signature: ShortText,
  }),
  ai: closed({ enabled: Type.Boolean() }),
  teams: Type.Array(closed({ id: Id, name: ShortText }), { maxItems: 100 }),
  people: Type.Array(Person, { maxItems: 500 }),
  leadId: Id,
  responseTargets: closed({ low: Count, normal: Count, high: Count, urgent: Count }),
  signals: Type.Array(Signal, { maxItems: 200 }),
  categories: Type.Array(Category, { maxItems: 500 }),
  templates: Type.Array(Template, { maxItems: 500 }),
  policy: GatePolicy,
  endpoints: Type.Array(Endpoint, { maxItems: 50 }),
  scenarios: Type.Array(Scenario, { maxItems: 500 }),
  apiKeys: Type.Array(ApiKeyFingerprint, { maxItems: 100 }),
});
export type Desk = Static<typeof Desk>;
export type Category = Static<typeof Category>;
export type Template = Static<typeof Template>;
export type Signal = Static<typeof Signal>;
