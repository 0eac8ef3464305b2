import { type Database, identifier, sql } from "@opsdesk/database";
import { openPostgres } from "@opsdesk/database/postgres";
import { kafkaBus } from "@opsdesk/messaging/kafka-bus";
import type { KafkaConnection } from "@opsdesk/messaging/kafka-connection";
import { topicCatalogue } from "@opsdesk/schemas";
import { compare, sideOf } from "../rebuild/compare.ts";
import { type Stores, copies } from "../rebuild/copies.ts";
import { kafkaClient } from "./duplicator.ts";
import { type Judgement, STACK_SLICES, type Sent, UNREADABLE, judge } from "./judge.ts";

/** The servers that are judged. */
interface Judged {
  readonly servers: { readonly postgres: { readonly url: string } };
  readonly kafka: KafkaConnection;
}

/** What OpenSearch and Neo4j hold is what Postgres holds. */
export async function copiesDiffer(stores: Stores): Promise<readonly string[]> {
  const differ: string[] = [];
  // One after the other: of a long flow each side is some hundred thousand rows.
  for (const { name, source, copy } of copies) {
    const { equal, ...found } = compare(await sideOf(source(stores)), await sideOf(copy(stores)));
    if (!equal) differ.push(`${name} is not what Postgres holds: ${JSON.stringify(found)}`);
  }
  return differ;
}

/** Reads the whole log of the broker beside what all slices hold, and judges both. Services may be up, at rest. */
export async function judgeStack(stack: Judged, sent: Omit<Sent, "publishedOnce" | "slices">): Promise<Judgement> {
  const database = openPostgres({
    url: stack.servers.postgres.url,
    name: "opsdesk faults",
    connectionsMax: 1,
    // One statement looks at every event of a long flow.
    statementMsMax: 0,
    idleInTransactionMsMax: 0,
  });
  const bus = kafkaBus({
    connection: stack.kafka,
    name: "opsdesk.faults",
    lingerMs: 0,
    onTrouble: () => undefined,
  });
  try {
    await loadLog(database, bus);
    const judgement = await judge(database, { ...sent, publishedOnce: false, slices: STACK_SLICES });
    const reads = await groupsTopics(stack);
    const behind = reads
      .filter(({ recordsBehind }) => recordsBehind > 0)
      .map(({ group, recordsBehind, topic }) => `${group} is ${recordsBehind} records behind on ${topic}`);
    const parked = sent.parkedCodes?.includes(UNREADABLE) === true ? await unreadableParked(database, reads) : [];
    return { ...judgement, violations: [...judgement.violations, ...behind, ...parked] };
  } finally {
    await bus.close();
    await database.close();
  }
}

interface GroupsTopic {
  /** `opsdesk.triage`, or `opsdesk.retrieval.graph` of a projection. */
  readonly group: string;
  readonly topic: string;
  readonly recordsBehind: number;
}

/** What the groups of the services have read, projections included. */
async function groupsTopics({ kafka }: Judged): Promise<readonly GroupsTopic[]> {
  const admin = kafkaClient(kafka).admin();
  await admin.connect();
  try {
    const { groups } = await admin.listGroups();
    const found: GroupsTopic[] = [];
    for (const { groupId } of groups.filter((group) => group.groupId.startsWith("opsdesk.")))
      for (const { topic, partitions } of await admin.fetchOffsets({ groupId })) {
        const ends = new Map((await admin.fetchTopicOffsets(topic)).map((one) => [one.partition, Number(one.high)]));
        // A partition that held nothing when the group came has no offset.
        const recordsBehind = partitions.reduce(
          (sum, { offset, partition }) => sum + Math.max(0, (ends.get(partition) ?? 0) - Math.max(0, Number(offset))),
          0,
        );
        found.push({ group: groupId, topic, recordsBehind });
      }
    return found;
  } finally {
    await admin.disconnect();
  }
}

const sliceOf = (group: string): string => (group.split(".")[1] ?? "").replace("-", "_");

/** Each consumer has parked the unreadable record of each of its topics, once. */
async function unreadableParked(database: Database, reads: readonly GroupsTopic[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const slice of STACK_SLICES) {
    const expected = reads.filter(({ group }) => sliceOf(group) === slice).map(({ topic }) => topic);
    const parked = await database.query<{ topic: string }>(
      sql`select topic from ${identifier(slice)}.dead_letters where code = ${UNREADABLE}`,
    );
    const [have, want] = [parked.map(({ topic }) => topic).toSorted(), expected.toSorted()];
    if (JSON.stringify(have) !== JSON.stringify(want))
      wrong.push(
        `${slice}: unreadable records are dead letters of ${have.join(", ")}, but it reads ${want.join(", ")}`,
      );
  }
  return wrong;
}

const ROWS = 2_000;

async function loadLog(database: Database, bus: ReturnType<typeof kafkaBus>): Promise<void> {
  await database.execute(`create temporary table raw (topic text, "partition" int, "offset" bigint, value text)`);
  for (const { name } of topicCatalogue) {
    let rows: { partition: number; offset: number; value: string }[] = [];
    const flush = async (): Promise<void> => {
      if (rows.length === 0) return;
      await database.query(
        sql`insert into raw select ${name}, p, o, v from unnest(${rows.map((row) => row.partition)}::int[], ${rows.map((row) => row.offset)}::bigint[], ${rows.map((row) => row.value)}::text[]) u(p, o, v)`,
      );
      rows = [];
    };
    for await (const record of bus.read({ topic: name, from: { offset: 0 } })) {
      // What is no event is among the faults; it cannot be read here either.
      if (!record.value.startsWith("{") || !record.value.isWellFormed()) continue;
      rows.push({ partition: record.partition, offset: record.offset, value: record.value });
      if (rows.length >= ROWS) await flush();
    }
    await flush();
  }
  await database.execute(`
    create temporary table ev as
      select topic, "partition", "offset", v as e, v->>'id' as id, v->>'type' as type,
             coalesce(v->>'tenantid', 'it-helpdesk') as tenant, v->'data'->>'ticketId' as ticket,
             (v->'data'->>'conversationVersion')::int as conversation, (v->'data'->>'aggregateVersion')::int as aggregate,
             row_number() over (partition by topic, v->>'source', v->>'id' order by "offset") = 1 as first
      from (select topic, "partition", "offset", value::jsonb as v from raw) r
      where coalesce(v->>'tenantid', 'it-helpdesk') = 'it-helpdesk';
    create index on ev (type, ticket, conversation);
    create index on ev (tenant, id);
    analyze ev;
  `);
}
