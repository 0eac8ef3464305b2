import { type TopicEntry, topicCatalogue } from "./catalogue.ts";
import { contractOfTopic, contracts } from "./contracts.ts";
import type { EventContract, Party, Service } from "./event.ts";

/**
 * Edge topics: where several tenants share an installation, the parties outside have topics of their own, one for each
 * tenant and each type they send or read, `<type>.v<major>.<tenant>`. Whose a record is follows from the topic alone.
 */
export type OutsideParty = Exclude<Party, Service>;

/** in: sent to us by a party outside; out: a copy of what services publish, for a party outside to read. */
export type EdgeDirection = "in" | "out";

export interface EdgeTopic extends TopicEntry {
  readonly tenant: string;
  readonly direction: EdgeDirection;
}

/** As tenants are named, without shadow tenants: those have nobody outside. No dot: it ends the topic's own name. */
export const EDGE_TENANT = /^[a-z0-9][a-z0-9-]{0,62}$/;

export const isOutside = (party: Party): party is OutsideParty => party === "upstream" || party === "crm";

function edgeDirectionOf(ends: Pick<EventContract, "producers" | "consumers">): EdgeDirection | undefined {
  if (ends.producers.some(isOutside)) return "in";
  return ends.consumers.some(isOutside) ? "out" : undefined;
}

const edgeTopicName = (topic: string, tenant: string): string => `${topic}.${tenant}`;

const FOURTEEN_DAYS_MS = 14 * 24 * 60 * 60 * 1_000;
/** One tenant's share of the load. */
const PARTITIONS = 3;

/** A tenant's edge topics. They pass records on: the history is in the topics that services share. */
export const edgeTopicsOf = (tenant: string): readonly EdgeTopic[] =>
  topicCatalogue.flatMap((topic): EdgeTopic[] => {
    const direction = edgeDirectionOf(topic);
    if (direction === undefined) return [];
    return [
      {
        ...topic,
        name: edgeTopicName(topic.name, tenant),
        tenant,
        direction,
        partitions: PARTITIONS,
        cleanupPolicy: "delete",
        retentionMs: FOURTEEN_DAYS_MS,
        producers: topic.producers.filter((party) => isOutside(party) === (direction === "in")),
        consumers: topic.consumers.filter((party) => isOutside(party) === (direction === "out")),
      },
    ];
  });

export interface Edge {
  readonly contract: EventContract;
  readonly tenant: string;
}

/** What a topic that parties outside write to carries, and whose; undefined for every other topic. */
export function edgeOf(topic: string): Edge | undefined {
  const dot = topic.lastIndexOf(".");
  const tenant = topic.slice(dot + 1);
  const contract = contractOfTopic(topic.slice(0, Math.max(dot, 0)));
  if (contract === undefined || edgeDirectionOf(contract) !== "in" || !EDGE_TENANT.test(tenant)) return undefined;
  return { contract, tenant };
}

/** The topics that a consumer of a type reads: the shared one, and those that parties outside write to. */
export const topicsToConsume = (contract: EventContract, edgeTenants: readonly string[]): readonly string[] => [
  contract.topic,
  ...(edgeDirectionOf(contract) === "in" ? edgeTenants.map((tenant) => edgeTopicName(contract.topic, tenant)) : []),
];

/** The topics that a producer of a type writes: the shared one, and the copies that parties outside read. */
const topicsToProduce = (contract: EventContract, edgeTenants: readonly string[]): readonly string[] => [
  contract.topic,
  ...(edgeDirectionOf(contract) === "out" ? edgeTenants.map((tenant) => edgeTopicName(contract.topic, tenant)) : []),
];

/** Every topic that a service reads or writes. */
export const topicsOfService = (service: Service, edgeTenants: readonly string[]): readonly string[] => [
  ...new Set(
    contracts.flatMap((contract) => [
      ...(contract.consumers.includes(service) ? topicsToConsume(contract, edgeTenants) : []),
      ...(contract.producers.includes(service) ? topicsToProduce(contract, edgeTenants) : []),
    ]),
  ),
];

/** Where a tenant's parties outside read a copy of an event; undefined for what is not for them. */
export const edgeCopyTopic = (
  contract: EventContract,
  tenant: string,
  edgeTenants: readonly string[],
): string | undefined =>
  edgeDirectionOf(contract) === "out" && edgeTenants.includes(tenant)
    ? edgeTopicName(contract.topic, tenant)
    : undefined;
