import { kafkaPrefixOf, kafkaUserOf } from "@opsdesk/messaging/kafka-connection";
import {
  type EdgeTopic,
  type OutsideParty,
  type Party,
  type Service,
  type TopicEntry,
  edgeTopicsOf,
  isOutside,
  topicCatalogue,
} from "@opsdesk/schemas";

/** Everything of ours that a cluster should hold, and nothing about what it holds now. */
export interface Plan {
  readonly topics: readonly PlannedTopic[];
  readonly users: readonly PlannedUser[];
  readonly acls: readonly Acl[];
}

export interface PlannedTopic {
  readonly name: string;
  readonly partitions: number;
  /** Absent: the cluster's own default, and any number is right. */
  readonly replicationFactor?: number;
  readonly config: Readonly<Record<string, string>>;
}

export interface PlannedUser {
  readonly name: string;
  /** The environment variable that holds its password. */
  readonly passwordSetting: string;
}

type AclResource = "topic" | "group";
type AclOperation = "read" | "write" | "describe";

/** One right, granted from any host. There are no denials: what nothing grants is denied. */
export interface Acl {
  readonly user: string;
  readonly resource: AclResource;
  readonly pattern: "literal" | "prefixed";
  readonly name: string;
  readonly operation: AclOperation;
}

export interface PlanOptions {
  /** Tenants that share the installation and whose outside parties get topics of their own. */
  readonly edgeTenants: readonly string[];
  /** Parties outside that use the shared topics, in an installation for one business. */
  readonly outside: readonly OutsideParty[];
  readonly replicationFactor?: number;
}

/** Users of this prefix are ours to keep in order; no other is touched. */
export const OUR_USERS = kafkaUserOf("");

const edgeUserOf = (tenant: string): string => kafkaUserOf(`edge.${tenant}`);

export function planOf(options: PlanOptions): Plan {
  const edges = options.edgeTenants.flatMap(edgeTopicsOf);
  const topics: readonly TopicEntry[] = [...topicCatalogue, ...edges];
  const parties: readonly Party[] = [
    ...new Set(topicCatalogue.flatMap(({ producers, consumers }) => [...producers, ...consumers])),
  ].filter((party) => !isOutside(party) || options.outside.includes(party));
  return {
    topics: topics.map((topic) => plannedTopic(topic, options.replicationFactor)).toSorted(byName),
    users: [
      ...parties.map((party) => ({
        name: kafkaUserOf(party),
        passwordSetting: `${kafkaPrefixOf(party)}KAFKA_SASL_PASSWORD`,
      })),
      ...options.edgeTenants.map((tenant) => ({
        name: edgeUserOf(tenant),
        passwordSetting: `${kafkaPrefixOf(`edge-${tenant}`)}KAFKA_SASL_PASSWORD`,
      })),
    ].toSorted(byName),
    acls: [
      ...parties.flatMap((party) => partyAcls(party, topics)),
      ...options.edgeTenants.flatMap((tenant) => edgeAcls(tenant, edges)),
    ],
  };
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);

/** Room for a whole send of one partition; a single record above 256 KiB is refused by whoever reads it. */
const MESSAGE_BYTES_MAX = 1_048_588;

function plannedTopic(topic: TopicEntry, replicationFactor: number | undefined): PlannedTopic {
  return {
    name: topic.name,
    partitions: topic.partitions,
    ...(replicationFactor === undefined ? {} : { replicationFactor }),
    config: {
      "cleanup.policy": topic.cleanupPolicy,
      "retention.ms": String(topic.retentionMs),
      // A cluster's default could drop facts by size.
      "retention.bytes": "-1",
      "max.message.bytes": String(MESSAGE_BYTES_MAX),
      // When the broker took it: no producer's clock decides what is kept, or where a replay by time begins.
      "message.timestamp.type": "LogAppendTime",
      // With three copies an acknowledged record survives the loss of any one.
      ...(replicationFactor !== undefined && replicationFactor >= 3 ? { "min.insync.replicas": "2" } : {}),
    },
  };
}

/** What a service, or a party outside that uses the shared topics, needs: exactly its ends of the catalogue. */
const partyAcls = (party: Service | OutsideParty, topics: readonly TopicEntry[]): readonly Acl[] => [
  ...topics
    // A tenant's edge topics have a user of their own on their outer end.
    .filter((topic) => !isOutside(party) || !("tenant" in topic))
    .flatMap((topic) =>
      topicAcls(kafkaUserOf(party), topic.name, {
        reads: topic.consumers.includes(party),
        writes: topic.producers.includes(party),
      }),
    ),
  ...groupAcls(kafkaUserOf(party)),
];

const edgeAcls = (tenant: string, edges: readonly EdgeTopic[]): readonly Acl[] => [
  ...edges
    .filter((edge) => edge.tenant === tenant)
    .flatMap((edge) =>
      topicAcls(edgeUserOf(tenant), edge.name, { reads: edge.direction === "out", writes: edge.direction === "in" }),
    ),
  ...groupAcls(edgeUserOf(tenant)),
];

const topicAcls = (
  user: string,
  name: string,
  { reads, writes }: { readonly reads: boolean; readonly writes: boolean },
): readonly Acl[] =>
  [
    ...(reads ? (["read"] as const) : []),
    ...(writes ? (["write"] as const) : []),
    // Lag and replay ask for offsets, producers for partitions.
    ...(reads || writes ? (["describe"] as const) : []),
  ].map((operation): Acl => ({ user, resource: "topic", pattern: "literal", name, operation }));

/**
 * A user's groups begin with its own name: `opsdesk.ingest`, its projections and readers `opsdesk.ingest.…`, its
 * generations `opsdesk.ingest@…`. The bare prefix would cover a service whose name only begins the same.
 */
const groupAcls = (user: string): readonly Acl[] =>
  (
    [
      ["literal", user],
      ["prefixed", `${user}.`],
      ["prefixed", `${user}@`],
    ] as const
  ).flatMap(([pattern, name]) =>
    (["read", "describe"] as const).map((operation): Acl => ({ user, resource: "group", pattern, name, operation })),
  );
