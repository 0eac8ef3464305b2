import Type, { type Static, type TSchema } from "typebox";

/**
 * The shapes that several events share. `x-personal` marks what a person could be recognised by or has written:
 * the list of places that erasure must reach is generated from it.
 */
const bounded = (maxLength: number) => ({ minLength: 1, maxLength });

export const Id = Type.String(bounded(200));
export const ShortText = Type.String(bounded(300));
export const Text = Type.String({ maxLength: 65_536 });
export const Personal = Type.String({ maxLength: 65_536, "x-personal": true });
export const PersonalShort = Type.String({ maxLength: 320, "x-personal": true });
export const Email = Type.String({ maxLength: 320, pattern: "^[^@\\s]+@[^@\\s]+$", "x-personal": true });
/** A title that a person may have written, or that names one. */
export const PersonalTitle = Type.String({ ...bounded(300), "x-personal": true });
/** A reply, note or draft as the desk writes it. Events repeat it (draft, final, sentences), so it is shorter than an enquiry. */
export const ReplyText = Type.String({ maxLength: 16_384, "x-personal": true });

/** The beginning of what a draft answers, so that it can be judged from its event alone. */
export const CustomerText = Type.String({ maxLength: 4_000, "x-personal": true });

const DATE_PATTERN = [
  "(?:19|[2-9]\\d)\\d\\d-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))",
  "(?:(?:19|[2-9]\\d)(?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[3579][26])00)-02-29",
].join("|");
const CLOCK_PATTERN = "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-](?:0\\d|1[0-5]):[0-5]\\d)";
/** Only instants that Postgres takes too: one `02-30` among 500 good rows would fail the statement that writes them all. */
export const Time = Type.String({ pattern: `^(?:${DATE_PATTERN})T${CLOCK_PATTERN}$`, description: "RFC 3339" });
export const Hash = Type.String({ pattern: "^[0-9a-f]{64}$", description: "hex SHA-256" });
export const Count = Type.Integer({ minimum: 0 });
export const Version = Type.Integer({ minimum: 1 });
export const Share = Type.Number({ minimum: 0, maximum: 1 });

/** A closed list: an unknown member is refused by producers and consumers alike. */
export const oneOf = <const T extends readonly string[]>(...members: T) => Type.Enum(membersOf(members));

/** An open list: consumers accept members that a later minor version adds. */
export const openOneOf = <const T extends readonly string[]>(...members: T) =>
  Type.Enum(membersOf(members), { "x-open": true });

// `Type.Enum` infers `string` from a readonly tuple and the members from a mutable array of them; at run time they are one.
const membersOf = <T extends readonly string[]>(members: T) => members as unknown as T[number][];

export const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** A closed object: the form in which producers are checked. Readers open it again (see reader.ts). */
export const closed = <const P extends Record<string, TSchema>>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });

/** A closed object of which one of two optional properties must be there: content inline, or by reference. */
export const eitherOf = <const P extends Record<string, TSchema>>(
  one: keyof P & string,
  other: keyof P & string,
  properties: P,
) => Type.Object(properties, { additionalProperties: false, anyOf: [{ required: [one] }, { required: [other] }] });

/** The ticket's place in time. `aggregateVersion` orders its events; a proposal holds for one `conversationVersion`. */
export const ticketRef = {
  ticketId: Id,
  reference: Type.String({ maxLength: 40 }),
  aggregateVersion: Version,
  conversationVersion: Version,
};

export const Priority = oneOf("low", "normal", "high", "urgent");
export type Priority = Static<typeof Priority>;
export const Channel = openOneOf("email", "web", "phone", "chat", "api");
export type Channel = Static<typeof Channel>;
export const TicketStatus = oneOf("open", "pending", "snoozed", "resolved", "closed");
export type TicketStatus = Static<typeof TicketStatus>;
export const Role = oneOf("viewer", "drafter", "reviewer", "admin");
export type Role = Static<typeof Role>;

/** Who acted: a person of the desk, an outside system by its key, or a service by rule. */
export const Actor = closed({ kind: oneOf("person", "system", "service"), id: Id, name: Type.Optional(PersonalShort) });
export type Actor = Static<typeof Actor>;

/** Content kept outside the event: `<tenant>/<sha256>` in the blob store. Size in bytes. */
export const BlobRef = closed({ ref: Id, sha256: Hash, bytes: Count, contentType: ShortText });
export type BlobRef = Static<typeof BlobRef>;
/** The same for what a customer sent: erasure deletes the content behind it. */
export const PersonalBlobRef = Type.Object(BlobRef.properties, { additionalProperties: false, "x-personal": true });

export const Customer = closed({
  id: Id,
  name: PersonalShort,
  email: Type.Optional(Email),
  phone: Type.Optional(PersonalShort),
});
export type Customer = Static<typeof Customer>;

/**
 * One message as events carry it: the first 64 KiB of its UTF-8, which the length limit (in characters) only
 * approximates. `truncated` says that there is more: ingest holds it, and `fullText` is where others read it.
 */
export const Message = closed({
  id: Id,
  kind: oneOf("customer", "reply", "note"),
  author: Actor,
  text: Personal,
  textHash: Hash,
  truncated: Type.Boolean(),
  fullText: Type.Optional(PersonalBlobRef),
  at: Time,
  automatic: Type.Boolean({ description: "sent by a machine (auto-reply, bounce): never answered automatically" }),
});
export type Message = Static<typeof Message>;

/** A signed-for place in a knowledge source. `start` and `end` count UTF-16 units of that source version's text. */
export const Citation = closed({
  sourceId: Id,
  version: Version,
  chunkId: Id,
  start: Count,
  end: Count,
  quoteHash: Hash,
  title: PersonalTitle,
  uri: Type.String({ maxLength: 2_000 }),
});
export type Citation = Static<typeof Citation>;

/**
 * One retrieved chunk, at most 2 KB of text, with its hash. `legs` names the searches that found it.
 * It may come from a past ticket, so its title, its text and every quote from it are personal.
 */
export const Evidence = closed({
  citation: Citation,
  text: Type.String({ maxLength: 2_048, "x-personal": true }),
  kind: openOneOf("policy", "playbook", "faq", "document", "ticket"),
  section: Type.String({ maxLength: 400 }),
  score: Type.Number(),
  legs: Type.Array(openOneOf("dense", "lexical", "identifier", "graph"), { maxItems: 8 }),
});
export type Evidence = Static<typeof Evidence>;

/** A draft is sentences. `source` says who wrote the words; a citation's quote is verbatim from its chunk. */
export const Sentence = closed({
  text: Type.String({ minLength: 1, maxLength: 4_000, "x-personal": true }),
  source: oneOf("template", "slot", "person"),
  citations: Type.Array(
    closed({ chunkId: Id, quote: Type.String({ minLength: 1, maxLength: 2_048, "x-personal": true }) }),
    { maxItems: 8 },
  ),
});
export type Sentence = Static<typeof Sentence>;

export const Provenance = oneOf("system", "knowledge", "verified", "customer", "model");
export type Provenance = Static<typeof Provenance>;
export const Slot = closed({ name: Id, value: PersonalShort, provenance: Provenance });
export type Slot = Static<typeof Slot>;

export const MissingInformation = closed({ id: Id, question: ShortText });
export type MissingInformation = Static<typeof MissingInformation>;
/** `detail` may quote the customer, and so may a reason's words. */
export const Risk = closed({ id: Id, detail: PersonalTitle });
export type Risk = Static<typeof Risk>;
export const Reason = closed({ rule: Id, words: PersonalTitle });
export type Reason = Static<typeof Reason>;
export const Problem = closed({
  code: Id,
  message: Type.String({ maxLength: 1_000 }),
  path: Type.Optional(Type.String({ maxLength: 400 })),
});
export type Problem = Static<typeof Problem>;

/** One run of a model or of retrieval: recorded for success, failure and abstention alike. Cost in micro-dollars. */
export const Run = closed({
  runId: Id,
  job: ShortText,
  outcome: oneOf("succeeded", "failed", "abstained"),
  reason: Type.Optional(ShortText),
  model: ShortText,
  promptVersion: ShortText,
  inputHash: Hash,
  outputHash: orNull(Hash),
  inputTokens: Count,
  outputTokens: Count,
  costMicros: Count,
  latencyMs: Type.Number({ minimum: 0 }),
  startedAt: Time,
});
export type Run = Static<typeof Run>;
