import { pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import type { KafkaConnection } from "@opsdesk/messaging/kafka-connection";
import {
  type Connection,
  ScramMechanisms,
  alterUserScramCredentialsV0,
  describeUserScramCredentialsV0,
} from "@platformatic/kafka";
import { connectOnce } from "./client.ts";
import { RejectedError } from "@opsdesk/errors";

const ITERATIONS = 8_192;
const KEY_BYTES = 32;
const SALT_BYTES = 24;
const derive = promisify(pbkdf2);

/** Users that have a SCRAM-SHA-256 password. */
export async function scramUsers(socket: Connection): Promise<readonly string[]> {
  const { results } = await describeUserScramCredentialsV0.api.async(socket, null);
  return results
    .filter((one) => one.credentialInfos.some((info) => info.mechanism === ScramMechanisms.SCRAM_SHA_256))
    .map((one) => one.user);
}

/** Makes users or gives them new passwords. The passwords themselves do not travel. */
export async function setPasswords(socket: Connection, passwords: ReadonlyMap<string, string>): Promise<void> {
  const upsertions = await Promise.all(
    [...passwords].map(async ([name, password]) => {
      const salt = randomBytes(SALT_BYTES);
      return {
        name,
        mechanism: ScramMechanisms.SCRAM_SHA_256,
        iterations: ITERATIONS,
        salt,
        saltedPassword: await derive(password, salt, ITERATIONS, KEY_BYTES, "sha256"),
      };
    }),
  );
  await alterUserScramCredentialsV0.api.async(socket, [], upsertions);
}

export async function removeUsers(socket: Connection, names: readonly string[]): Promise<void> {
  await alterUserScramCredentialsV0.api.async(
    socket,
    names.map((name) => ({ name, mechanism: ScramMechanisms.SCRAM_SHA_256 })),
    [],
  );
}

/** Whether the cluster knows a user by this password. It tells nobody what it knows, so this signs in with it. */
export async function signsIn({ brokers, ssl }: KafkaConnection, username: string, password: string): Promise<boolean> {
  try {
    const socket = await connectOnce({
      brokers,
      ...(ssl === undefined ? {} : { ssl }),
      sasl: { mechanism: "scram-sha-256", username, password },
    });
    await socket.close();
    return true;
  } catch (error) {
    if (error instanceof RejectedError && error.code === "kafka_unauthenticated") return false;
    throw error;
  }
}
