import Type from "typebox";
import {
  Count,
  Evidence,
  Id,
  PersonalShort,
  Risk,
  Run,
  ShortText,
  Time,
  closed,
  oneOf,
  openOneOf,
  ticketRef,
} from "../common.ts";
import { type DataOf, event } from "../event.ts";

const Leg = openOneOf("dense", "lexical", "identifier", "graph");
const Store = openOneOf("postgres", "opensearch", "neo4j");

/** What tickets have in common. Its id may be words of a customer: an asset's tag, a building's name. */
const Anchor = closed({ kind: openOneOf("site", "asset", "category"), id: PersonalShort });

export const contextRetrieved = event(
  "context.retrieved",
  "1.1",
  {
    meaning: "The knowledge that may support an answer, or that there is too little.",
    key: "ticket",
    class: "fact",
    producers: ["retrieval"],
    consumers: ["retrieval", "triage", "console", "analytics"],
  },
  closed({
    ...ticketRef,
    outcome: oneOf("found", "weak", "failed"),
    reason: Type.Optional(ShortText),
    evidence: Type.Array(Evidence, { maxItems: 8 }),
    retrievalPolicy: ShortText,
    runs: Type.Array(Run, { maxItems: 10 }),
    /** Since 1.1, like all below: which store answered each leg. */
    stores: Type.Optional(Type.Array(closed({ leg: Leg, store: Store }), { maxItems: 8 })),
    /** Stores that should have answered a leg and could not; `stores` names the one that did instead. */
    degraded: Type.Optional(Type.Array(closed({ leg: Leg, store: Store, reason: ShortText }), { maxItems: 8 })),
    /** Earlier tickets at the same site, about the same asset or in the same category, newest first. */
    neighbours: Type.Optional(
      Type.Array(
        closed({
          ticketId: Id,
          reference: ShortText,
          at: Time,
          shared: Type.Array(Anchor, { maxItems: 20 }),
          /** What was found for that ticket and may still be quoted. */
          sourceIds: Type.Array(Id, { maxItems: 8 }),
        }),
        { maxItems: 10 },
      ),
    ),
    /** So many tickets, this one included, within so many minutes have this in common. */
    incident: Type.Optional(closed({ ...Anchor.properties, tickets: Count, windowMinutes: Count })),
    /** What the neighbourhood adds to the risks that triage saw. */
    risks: Type.Optional(Type.Array(Risk, { maxItems: 5 })),
  }),
);
export type ContextRetrieved = DataOf<typeof contextRetrieved>;
