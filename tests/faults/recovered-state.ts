import { type Database, identifier, sql } from "@opsdesk/database";

/**
 * What an installation knows, without what differs from run to run: clocks, the order in which unrelated rows came, and
 * which of a service's own logs they are in.
 */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  ingest: [
    "businesses",
    "api_keys",
    "customers",
    "tickets",
    "ticket_messages",
    "ticket_documents",
    "ticket_drafts",
    "follow_up_tasks",
  ],
  triage: ["desks", "tickets", "contexts", "examples", "suggestions"],
  retrieval: ["desks", "knowledge_sources", "source_versions", "retrieval_requests", "graph_edges"],
  safety_gate: [
    "desks",
    "gate_policies",
    "known_tickets",
    "known_sources",
    "dispositions",
    "draft_reviews",
    "review_decisions",
  ],
  webhook: ["desks", "webhook_endpoints", "webhook_deliveries", "decision_links"],
  evaluation: ["desks", "golden_scenarios"],
  console: ["desks", "events", "stories", "reviews"],
};

/** Columns that say when, in which order among others, or how often something was written, and hashes over those. */
const PASSING =
  /(_at|_until|_after|_by|^at|^due_by|_stamp|^row_version|^revision|^version|^position|^sequence|^previous_id|^body|^last_hash|^tries|^audit.*|^inputs|^inputs_hash|^decision_hash|^latency_micros|^next_number)$/;
/** Of those, what matters all the same. */
const KEPT: readonly string[] = ["priority_by", "category_by", "decided_by", "changed_by", "labelled_by"];

/** One sorted line for each row, by table. */
export async function knownState(database: Database): Promise<ReadonlyMap<string, readonly string[]>> {
  const state = new Map<string, readonly string[]>();
  for (const [schema, tables] of Object.entries(KNOWN))
    for (const table of tables) {
      const rows = await database.query<{ row: Record<string, unknown> }>(
        sql`select to_jsonb(t) as row from ${identifier(schema)}.${identifier(table)} t`,
      );
      state.set(`${schema}.${table}`, rows.map(({ row }) => lineOf(row)).toSorted());
    }
  return state;
}

const lineOf = (row: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(row)
        .filter(([name]) => KEPT.includes(name) || !PASSING.test(name))
        .map(([name, value]) => [name, lasting(name, value)] as const)
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
  );

/**
 * Of a gate's decision all but the hash of its inputs, which count the approvals of other tickets before it; of what was
 * triaged all but how far the ticket had come by then, since a colleague's change may be read before or after.
 */
const lasting = (name: string, value: unknown): unknown => {
  if (name === "decision" && typeof value === "string" && value.startsWith("{"))
    return { ...(JSON.parse(value) as object), inputsHash: undefined };
  return name === "triage" && typeof value === "object" && value !== null
    ? { ...value, aggregateVersion: undefined }
    : value;
};

/** What one state has and another has not, in words; empty where both are the same. */
export function differences(
  control: ReadonlyMap<string, readonly string[]>,
  found: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  return [...control].flatMap(([table, rows]) => {
    const now = found.get(table) ?? [];
    const missing = without(rows, now);
    const extra = without(now, rows);
    if (missing.length === 0 && extra.length === 0) return [];
    return [
      `${table}: ${missing.length} of ${rows.length} rows of the control are missing, ${extra.length} are not in it; ${apart(missing[0], extra[0])}`,
    ];
  });
}

/** Where two lines part, with what is before it; of one alone, its beginning. */
function apart(one = "", other = ""): string {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  const [from, to] = one === "" || other === "" ? [0, 600] : [Math.max(0, at - 300), at + 300];
  return `${one.slice(from, to)} <> ${other.slice(from, to)}`;
}

function without(rows: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const row of others) left.set(row, (left.get(row) ?? 0) + 1);
  return rows.filter((row) => {
    const count = left.get(row) ?? 0;
    left.set(row, count - 1);
    return count <= 0;
  });
}
