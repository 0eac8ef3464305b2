import { TransientError } from "@opsdesk/errors";
import type { KafkaConnection } from "@opsdesk/messaging/kafka-connection";
import type { Admin, Connection } from "@platformatic/kafka";
import { adminOf, connectOnce } from "./client.ts";
import { type Change, type ClusterState, differences } from "./diff.ts";
import { type KafkaAdminCode, translated } from "./errors.ts";
import { makeChanges, removeLeftUsers } from "./make-changes.ts";
import { type Passwords, expectPasswords } from "./passwords.ts";
import type { Plan } from "./plan.ts";
import { readCluster } from "./read-cluster.ts";

export interface Applied {
  readonly made: readonly Change[];
  /** What a person has to decide, and users that nobody plans any more unless `prune` took them. */
  readonly left: readonly Change[];
}

/** How a cluster differs from its plan. Throws TransientError `kafka_unavailable`, RejectedError `kafka_…`. */
export const checkCluster = (
  connection: KafkaConnection,
  plan: Plan,
  passwords: Passwords,
): Promise<readonly Change[]> =>
  connected(connection, async (admin, socket) =>
    differences(plan, await readCluster(connection, admin, socket, plan, passwords)),
  );

/**
 * Makes a cluster what its plan says, and answers when it is. A second run finds nothing to do. Throws as
 * `checkCluster` does, and RejectedError `config_invalid`, before anything is changed, for new users without passwords.
 */
export const applyToCluster = (
  connection: KafkaConnection,
  plan: Plan,
  passwords: Passwords,
  { prune, dryRun }: { readonly prune: boolean; readonly dryRun: boolean },
): Promise<Applied> =>
  connected(connection, async (admin, socket) => {
    const read = (): Promise<ClusterState> => readCluster(connection, admin, socket, plan, passwords);
    const state = await read();
    const all = differences(plan, state);
    const isLeft = (change: Change): boolean => change.kind === "refused" || (change.kind === "remove_user" && !prune);
    const made = all.filter((change) => !isLeft(change));
    const left = all.filter(isLeft);
    if (dryRun) return { made, left };
    expectPasswords(
      made.flatMap((change) => (change.kind === "create_user" ? [change.user] : [])),
      passwords,
    );
    await makeChanges(admin, socket, made, passwords);
    await removeLeftUsers(socket, state.users, made);
    // A broker answers before all of them have heard of it.
    if (made.length > 0) await until(async () => differences(plan, await read()).every(isLeft));
    return { made, left };
  });

const SETTLE_MS_MAX = 15_000;
const SETTLE_MS = 100;

async function until(held: () => Promise<boolean>): Promise<void> {
  const endAt = Date.now() + SETTLE_MS_MAX;
  while (!(await held())) {
    if (Date.now() > endAt)
      throw new TransientError<KafkaAdminCode>("kafka_unsettled", "the cluster does not show the changes yet", {
        publicMessage: "The changes were sent, and the cluster does not show all of them yet. Run it again.",
      });
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }
}

async function connected<Result>(
  connection: KafkaConnection,
  work: (admin: Admin, socket: Connection) => Promise<Result>,
): Promise<Result> {
  const socket = await connectOnce(connection);
  const admin = adminOf(connection);
  try {
    return await work(admin, socket);
  } catch (error) {
    throw translated(error);
  } finally {
    await Promise.allSettled([admin.close(), socket.close()]);
  }
}
