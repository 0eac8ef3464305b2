import type { KafkaConnection } from "@opsdesk/messaging/kafka-connection";
import {
  type Connection,
  fetchV12,
  findCoordinatorV4,
  joinGroupV5,
  listOffsetsV7,
  offsetFetchV7,
  produceV9,
} from "@platformatic/kafka";
import { connectOnce } from "../client.ts";

/** What a broker answers to one attempt: done, or denied. Everything else is an error. */
export type Verdict = "allowed" | "denied";

const DENIED = new Set([29, 30, 31, 53]);
/** The broker wants to give the member an id first: it may join. */
const MEMBER_ID_REQUIRED = 79;
/** A cluster makes its groups' topic when it is first asked for a group. */
const COORDINATOR_STARTS = new Set([14, 15, 16]);
const TIMEOUT_MS = 10_000;

/** One user's own connection, on which rights are tried for real, one request each. */
export class Trial {
  readonly #socket: Connection;
  private constructor(socket: Connection) {
    this.#socket = socket;
  }

  static async as(cluster: KafkaConnection, username: string, password: string): Promise<Trial> {
    return new Trial(await connectOnce({ ...cluster, sasl: { mechanism: "scram-sha-256", username, password } }));
  }

  close(): Promise<void> {
    return this.#socket.close();
  }

  /** Fetches from the beginning of the first partition. */
  read(topic: string): Promise<Verdict> {
    return verdict(async () => {
      const partition = {
        partition: 0,
        currentLeaderEpoch: -1,
        fetchOffset: 0n,
        lastFetchedEpoch: -1,
        partitionMaxBytes: 1_024,
      };
      // In this version the field still holds the name.
      const topics = [{ topicId: topic, partitions: [partition] }];
      await fetchV12.api.async(this.#socket, 0, 0, 1_024, 0, 0, -1, topics, [], "");
    });
  }

  /** Appends a record to the first partition. */
  write(topic: string): Promise<Verdict> {
    return verdict(async () => {
      const record = { topic, partition: 0, key: Buffer.from("key"), value: Buffer.from("any bytes") };
      await produceV9.api.async(this.#socket, -1, TIMEOUT_MS, [record], {});
    });
  }

  /** Asks for offsets, as lag and replay do. */
  describe(topic: string): Promise<Verdict> {
    return verdict(async () => {
      const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp: -1n }];
      await listOffsetsV7.api.async(this.#socket, -1, 0, [{ name: topic, partitions }]);
    });
  }

  /** Joins a group as a first member would. */
  join(group: string): Promise<Verdict> {
    return verdict(async () => {
      const protocols = [{ name: "trial", metadata: Buffer.alloc(0) }];
      await joinGroupV5.api.async(this.#socket, group, 6_000, 6_000, "", null, "consumer", protocols, null);
    });
  }

  /** Asks where a group is, as lag does. */
  committed(group: string): Promise<Verdict> {
    return verdict(async () => {
      await offsetFetchV7.api.async(
        this.#socket,
        [{ groupId: group, memberId: null, memberEpoch: -1, topics: null }],
        false,
      );
    });
  }

  coordinator(group: string): Promise<Verdict> {
    return verdict(async () => {
      await findCoordinatorV4.api.async(this.#socket, 0, [group]);
    });
  }
}

async function verdict(attempt: () => Promise<void>): Promise<Verdict> {
  for (const endAt = Date.now() + TIMEOUT_MS; ;) {
    try {
      await attempt();
      return "allowed";
    } catch (error) {
      const codes = codesOf(error);
      if (codes.some((code) => DENIED.has(code))) return "denied";
      if (codes.includes(MEMBER_ID_REQUIRED)) return "allowed";
      if (!codes.some((code) => COORDINATOR_STARTS.has(code)) || Date.now() > endAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function codesOf(error: unknown): readonly number[] {
  if (typeof error !== "object" || error === null) return [];
  const code = "apiCode" in error && typeof error.apiCode === "number" ? [error.apiCode] : [];
  return [...code, ...("errors" in error && Array.isArray(error.errors) ? error.errors.flatMap(codesOf) : [])];
}
