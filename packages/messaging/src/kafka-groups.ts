import { TransientError } from "@opsdesk/errors";
import { Kafka, logLevel } from "kafkajs";
import type { KafkaConnection } from "./kafka-connection.ts";

/** How many members each of these consumer groups has now; one that does not exist has none. */
export async function groupMembers(
  { brokers, sasl, ssl }: KafkaConnection,
  groups: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const kafka = new Kafka({
    brokers,
    // Its types tie the mechanism to the shape of its own options; all of ours have the same.
    ...(sasl === undefined ? {} : { sasl: { ...sasl, mechanism: sasl.mechanism as "plain" } }),
    ...(ssl === undefined ? {} : { ssl }),
    clientId: "opsdesk.groups",
    retry: { initialRetryTime: 300, maxRetryTime: 10_000, retries: 5 },
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const described = await admin.describeGroups([...groups]);
    return new Map(described.groups.map(({ groupId, members }) => [groupId, members.length]));
  } catch (cause) {
    throw new TransientError("bus_unavailable", "the broker did not answer", { cause });
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
