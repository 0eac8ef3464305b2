import { projectedTypes } from "@opsdesk/analytics/collections";
import type { Neo4jServer, OpenSearchServer, PostgresServer } from "@opsdesk/servers";
import type { Row } from "./compare.ts";
import { type Hit, documentsOf, recordsOf, rowsOf } from "./read-stores.ts";

export interface Stores {
  readonly postgres: PostgresServer;
  readonly opensearch: OpenSearchServer;
  readonly neo4j: Neo4jServer;
}

/**
 * A projection, said twice in the same words: from the slice of Postgres that holds it, and from the other store. A row
 * is an id, its version and every field that people or services ask for.
 */
export interface Copy {
  readonly name: string;
  readonly source: (stores: Stores) => AsyncIterable<Row>;
  readonly copy: (stores: Stores) => AsyncIterable<Row>;
  /** Of a copy in OpenSearch: its alias, and a field that can be changed to see whether that is found. */
  readonly documents?: { readonly alias: string; readonly field: string };
}

const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;
const msOf = (time: unknown): number | null => (typeof time === "string" ? Date.parse(time) : null);
const NEVER = "9999-12-31T00:00:00.000Z";

interface Documents {
  readonly name: string;
  readonly alias: string;
  readonly field: string;
  readonly source: string;
  readonly query?: object;
  /** Top-level fields to read, and what they come to. */
  readonly fields: readonly string[];
  readonly values: (document: Readonly<Record<string, unknown>>, hit: Hit) => readonly unknown[];
}

const documents = ({ name, alias, field, source, query, fields, values }: Documents): Copy => ({
  name: `opensearch ${name}`,
  documents: { alias, field },
  source: ({ postgres }) => rowsOf(postgres.url, source),
  copy: async function* ({ opensearch }) {
    for await (const hit of documentsOf(opensearch.url, alias, { fields, ...(query === undefined ? {} : { query }) }))
      yield { id: hit._id, values: values(hit._source, hit).map((value) => value ?? null) };
  },
});

const active = "generation = (select generation from console.projection_generations where active)";
/** What events say that the read model does not hold as columns. Analysts are not shown all that the console has. */
const said = `select tenant, event_id, type, ticket_id, occurred_at, correlation_id, causation_id, body::jsonb -> 'data' as data
  from console.events where ${active} and type in (${projectedTypes.map((type) => `'${type}'`).join()})`;

/** Stamps say which event a value is from, with the ticket's version: alike in both stores. */
const stampOf = (document: Readonly<Record<string, unknown>>, name: string): unknown =>
  (document["fold"] as { last?: Record<string, readonly [string, unknown] | undefined> } | undefined)?.last?.[
    name
  ]?.[0];

const analytics: readonly Copy[] = [
  documents({
    name: "tickets",
    alias: "opsdesk-tickets",
    field: "reference",
    source: `select tenant || ':' || ticket_id, reference, source, channel, customer_id, status, status_stamp, priority, priority_stamp,
        category_id, category_stamp, assignee_id, ${ms("response_due_at")}, ${ms("opened_at")}, messages::int, runs::int, cost_micros::float8
      from console.stories where ${active}`,
    fields: [
      "reference",
      "source",
      "channel",
      "customerId",
      "status",
      "priority",
      "categoryId",
      "assigneeId",
      "responseDueAt",
      "openedAt",
      "messages",
      "modelRuns",
      "costMicros",
      "fold.last.status",
      "fold.last.priority",
      "fold.last.categoryId",
    ],
    values: (one) => [
      one["reference"],
      one["source"],
      one["channel"],
      one["customerId"],
      one["status"],
      stampOf(one, "status"),
      one["priority"],
      stampOf(one, "priority"),
      one["categoryId"],
      stampOf(one, "categoryId"),
      one["assigneeId"],
      msOf(one["responseDueAt"]),
      msOf(one["openedAt"]),
      one["messages"] ?? 0,
      one["modelRuns"] ?? 0,
      one["costMicros"] ?? 0,
    ],
  }),
  documents({
    name: "drafts",
    alias: "opsdesk-drafts",
    field: "reference",
    source: `select tenant || ':' || draft_id, ticket_id, reference, conversation_version::int, outcome, outcome_reason, ${ms("proposed_at")},
        case when review_id is not null then 'review' when auto_approved_at is not null then 'auto_send' end,
        ${ms("coalesce(required_at, auto_approved_at)")}, decision, ${ms("decided_at")}, decided_by_id, decided_via, ${ms("applied_at")},
        retired_reason, ${ms("retired_at")},
        case when applied_at is not null then 'applied' when outcome in ('not_run', 'failed', 'abstained') then outcome
          when retired_reason = 'apply_refused' or decision in ('rejected', 'taken_over') then 'refused'
          when retired_reason is not null then 'retired' when review_id is not null or auto_approved_at is not null then 'gated'
          else outcome end
      from console.reviews where ${active}`,
    fields: [
      "ticketId",
      "reference",
      "conversationVersion",
      "outcome",
      "outcomeReason",
      "proposedAt",
      "verdict",
      "gatedAt",
      "decision",
      "decidedAt",
      "decidedBy",
      "via",
      "appliedAt",
      "retiredReason",
      "retiredAt",
      "disposition",
    ],
    values: (one) => [
      one["ticketId"],
      one["reference"],
      one["conversationVersion"],
      one["outcome"],
      one["outcomeReason"],
      msOf(one["proposedAt"]),
      one["verdict"],
      msOf(one["gatedAt"]),
      one["decision"],
      msOf(one["decidedAt"]),
      one["decidedBy"],
      one["via"],
      msOf(one["appliedAt"]),
      one["retiredReason"],
      msOf(one["retiredAt"]),
      one["disposition"],
    ],
  }),
  documents({
    name: "runs",
    alias: "opsdesk-runs",
    field: "job",
    // A run that two events carry is the first one's.
    source: `select distinct on (e.tenant, r ->> 'runId') e.tenant || ':' || (r ->> 'runId'), e.ticket_id, r ->> 'job', r ->> 'outcome', r ->> 'model', r ->> 'promptVersion',
        (r ->> 'inputTokens')::float8, (r ->> 'outputTokens')::float8, (r ->> 'costMicros')::float8, (r ->> 'latencyMs')::float8
      from (${said}) e cross join jsonb_array_elements(coalesce(e.data -> 'runs', jsonb_build_array(e.data -> 'run'))) r
      where e.type in ('ticket.triaged', 'context.retrieved', 'ai.draft.proposed', 'ai.run.recorded')
      order by e.tenant, r ->> 'runId', e.occurred_at, e.event_id`,
    fields: [
      "ticketId",
      "job",
      "outcome",
      "model",
      "promptVersion",
      "inputTokens",
      "outputTokens",
      "costMicros",
      "latencyMs",
    ],
    values: (one) => [
      one["ticketId"],
      one["job"],
      one["outcome"],
      one["model"],
      one["promptVersion"],
      one["inputTokens"],
      one["outputTokens"],
      one["costMicros"],
      one["latencyMs"],
    ],
  }),
  documents({
    name: "deliveries",
    alias: "opsdesk-deliveries",
    field: "endpointId",
    source: `select distinct on (tenant, data ->> 'deliveryId') tenant || ':' || (data ->> 'deliveryId'), data ->> 'endpointId', ticket_id,
        data ->> 'eventType', substr(type, 9), (data ->> 'attempts')::int, data ->> 'code', ${ms("occurred_at")}
      from (${said}) e where ticket_id is not null and type in ('webhook.delivered', 'webhook.failed')
      order by tenant, data ->> 'deliveryId', occurred_at desc, event_id desc`,
    fields: ["endpointId", "ticketId", "eventType", "state", "attempts", "code", "endedAt"],
    values: (one) => [
      one["endpointId"],
      one["ticketId"],
      one["eventType"],
      one["state"],
      one["attempts"],
      one["code"],
      msOf(one["endedAt"]),
    ],
  }),
  documents({
    name: "events",
    alias: "opsdesk-events",
    field: "correlationId",
    source: `select event_id, type, tenant, ticket_id, correlation_id, causation_id, ${ms("occurred_at")},
        (data ->> 'aggregateVersion')::int, (data ->> 'conversationVersion')::int
      from (${said}) e where ticket_id is not null`,
    query: { exists: { field: "ticketId" } },
    fields: [
      "type",
      "tenant",
      "ticketId",
      "correlationId",
      "causationId",
      "time",
      "aggregateVersion",
      "conversationVersion",
    ],
    values: (one) => [
      one["type"],
      one["tenant"],
      one["ticketId"],
      one["correlationId"],
      one["causationId"],
      msOf(one["time"]),
      one["aggregateVersion"],
      one["conversationVersion"],
    ],
  }),
];

/** What may be found: of the rest the index keeps tombstones, which a rebuild need not make. */
const knowledge = documents({
  name: "chunks",
  alias: "opsdesk-chunks-v1",
  field: "locale",
  source: `select c.tenant || '/' || c.chunk_id, c.source_id, c.version, s.revision::int, v.kind, v.product, v.site, v.locale, v.audience,
      ${ms("v.valid_from")}, ${ms("v.valid_to")}, ${ms("v.superseded_at")}
    from retrieval.knowledge_chunks c
    join retrieval.source_versions v on v.tenant = c.tenant and v.source_id = c.source_id and v.version = c.version and v.state = 'indexed'
    join retrieval.knowledge_sources s on s.tenant = c.tenant and s.source_id = c.source_id
    where v.superseded_at is null or v.superseded_at > now()`,
  query: { term: { live: true } },
  fields: [
    "sourceId",
    "version",
    "kind",
    "product",
    "site",
    "locale",
    "audience",
    "validFrom",
    "validTo",
    "supersededAt",
  ],
  values: (one, { _version: revision }) => [
    one["sourceId"],
    one["version"],
    revision,
    one["kind"],
    one["product"],
    one["site"],
    one["locale"],
    one["audience"],
    msOf(one["validFrom"]),
    ...[one["validTo"], one["supersededAt"]].map((time) => (time === NEVER ? null : msOf(time))),
  ],
});

const graph = (name: string, source: string, cypher: string): Copy => ({
  name: `neo4j ${name}`,
  source: ({ postgres }) => rowsOf(postgres.url, source),
  copy: ({ neo4j }) => recordsOf(neo4j, `match (c:GraphCurrent {name: 'opsdesk'}) ${cypher}`),
});

const graphs: readonly Copy[] = [
  graph(
    "tickets",
    `select tenant || ':' || ticket_id, min(reference), max(aggregate_version)
      from retrieval.graph_edges group by tenant, ticket_id`,
    "match (t:Ticket {generation: c.generation}) return t.tenant + ':' + t.ticketId as id, t.reference as reference, t.version as version",
  ),
  graph(
    "anchors",
    // A hub keeps its newest thousand, on purpose.
    `select id, at from (
       select concat_ws(':', tenant, ticket_id, kind, target) as id, ${ms("at")} as at,
         row_number() over (partition by tenant, kind, target order by at desc, ticket_id collate "C") as place
       from retrieval.graph_edges where kind <> 'source') ranked where place <= 1000`,
    `match (t:Ticket {generation: c.generation})-[r:ABOUT]->(x:Anchor)
     return t.tenant + ':' + t.ticketId + ':' + x.kind + ':' + x.id as id, r.at as at`,
  ),
  graph(
    "given sources",
    "select concat_ws(':', tenant, ticket_id, target) from retrieval.graph_edges where kind = 'source'",
    `match (t:Ticket {generation: c.generation})-[:GIVEN]->(s:Source)
     return t.tenant + ':' + t.ticketId + ':' + s.sourceId as id`,
  ),
  graph(
    "sources",
    "select tenant || ':' || source_id, revision::int, retired_at is not null from retrieval.knowledge_sources",
    "match (s:Source {generation: c.generation}) return s.tenant + ':' + s.sourceId as id, s.revision as revision, s.retired as retired",
  ),
];

export const copies: readonly Copy[] = [...analytics, knowledge, ...graphs];
