import { type Database, sql } from "@opsdesk/database";
import { openPostgres } from "@opsdesk/database/postgres";
import { kafkaBus } from "@opsdesk/messaging/kafka-bus";
import type { KafkaConnection } from "@opsdesk/messaging/kafka-connection";
import { topicCatalogue } from "@opsdesk/schemas";
import { kafkaClient } from "./duplicator.ts";
import { type Judgement, type Sent, judge } from "./judge.ts";

/** The servers that are judged. */
interface Judged {
  readonly servers: { readonly postgres: { readonly url: string } };
  readonly kafka: KafkaConnection;
}

/** Reads the whole log of the broker beside what all slices hold, and judges both. Services may be up, at rest. */
export async function judgeStack(stack: Judged, sent: Omit<Sent, "publishedOnce">): Promise<Judgement> {
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
    const judgement = await judge(database, { ...sent, publishedOnce: false });
    const behind = await groupsBehind(stack);
    return { ...judgement, violations: [...judgement.violations, ...behind] };
  } finally {
    await bus.close();
    await database.close();
  }
}

/** Every group of the services, projections included, has committed all that its topics hold. */
async function groupsBehind({ kafka }: Judged): Promise<readonly string[]> {
  const admin = kafkaClient(kafka).admin();
  await admin.connect();
  try {
    const { groups } = await admin.listGroups();
    const behind: string[] = [];
    for (const { groupId } of groups.filter((group) => group.groupId.startsWith("opsdesk.")))
      for (const { topic, partitions } of await admin.fetchOffsets({ groupId })) {
        const ends = new Map((await admin.fetchTopicOffsets(topic)).map((one) => [one.partition, Number(one.high)]));
        const records = partitions.reduce(
          (sum, { offset, partition }) =>
            // A partition that held nothing when the group came has no offset.
            sum + Math.max(0, (ends.get(partition) ?? 0) - Math.max(0, Number(offset))),
          0,
        );
        if (records > 0) behind.push(`${groupId} is ${records} records behind on ${topic}`);
      }
    return behind;
  } finally {
    await admin.disconnect();
  }
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
