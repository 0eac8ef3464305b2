import type { KafkaClientAdmin } from "@opsdesk/messaging/kafka-client";
import { Admin, ListOffsetTimestamps } from "@platformatic/kafka";
import type { Base } from "./platformatic-consumer.ts";

export function adminOf(base: Base): KafkaClientAdmin {
  const admin = new Admin(base);
  const partitionsOf = async (topic: string): Promise<number[]> => {
    const known = (await admin.metadata({ topics: [topic] })).topics.get(topic);
    return Array.from({ length: known?.partitionsCount ?? 0 }, (_, partition) => partition);
  };
  const offsetsAt = async (topic: string, timestamp: bigint): Promise<Map<number, bigint>> => {
    const partitions = await partitionsOf(topic);
    const listed = await admin.listOffsets({
      topics: [{ name: topic, partitions: partitions.map((partitionIndex) => ({ partitionIndex, timestamp })) }],
    });
    return new Map(
      listed.flatMap((one) => one.partitions.map(({ partitionIndex, offset }) => [partitionIndex, offset] as const)),
    );
  };
  const endsOf = async (topic: string): Promise<{ low: Map<number, bigint>; high: Map<number, bigint> }> => ({
    low: await offsetsAt(topic, ListOffsetTimestamps.EARLIEST),
    high: await offsetsAt(topic, ListOffsetTimestamps.LATEST),
  });
  return {
    connect: async () => undefined,
    disconnect: () => admin.close(),
    listTopics: () => admin.listTopics(),
    async createTopics({ topics }) {
      for (const { topic, numPartitions } of topics)
        await admin.createTopics({ topics: [topic], partitions: numPartitions ?? 1, replicas: -1 });
      return true;
    },
    async fetchTopicMetadata(asked) {
      const { topics: known } = await admin.metadata({ topics: asked?.topics ?? [], forceUpdate: true });
      return { topics: [...known.keys()].map((name) => ({ name, partitions: [] })) };
    },
    async describeCluster() {
      const { brokers, controllerId, id } = await admin.metadata({ topics: [], forceUpdate: true });
      return {
        brokers: [...brokers].map(([nodeId, { host, port }]) => ({ nodeId, host, port })),
        controller: controllerId,
        clusterId: id,
      };
    },
    async fetchOffsets({ groupId, topics }) {
      const asked = await Promise.all(
        // The bus asks by name.
        ((topics ?? []) as readonly string[]).map(async (name) => ({
          name,
          partitionIndexes: await partitionsOf(name),
        })),
      );
      const [group] = await admin.listConsumerGroupOffsets({ groups: [{ groupId, topics: asked }] });
      return (group?.topics ?? []).map(({ name, partitions }) => ({
        topic: name,
        partitions: partitions.map(({ partitionIndex, committedOffset }) => ({
          partition: partitionIndex,
          offset: String(committedOffset),
          metadata: null,
        })),
      }));
    },
    async fetchTopicOffsets(topic) {
      const { low, high } = await endsOf(topic);
      return [...high].map(([partition, offset]) => ({
        partition,
        offset: String(offset),
        high: String(offset),
        low: String(low.get(partition) ?? 0n),
      }));
    },
    async fetchTopicOffsetsByTimestamp(topic, timestamp = Date.now()) {
      const [found, { high }] = [await offsetsAt(topic, BigInt(timestamp)), await endsOf(topic)];
      // Nothing is as late as that: the end, as with kafkajs.
      return [...found].map(([partition, offset]) => ({
        partition,
        offset: String(offset < 0n ? (high.get(partition) ?? 0n) : offset),
      }));
    },
  };
}
