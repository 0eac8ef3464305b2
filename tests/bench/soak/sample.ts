import { readdirSync } from "node:fs";
import type { Admin } from "kafkajs";
import pg from "pg";
import type { Stack } from "../../stack/stack.ts";
import { SLICES } from "../../faults/judge.ts";
import { rssMbOf } from "../cpu.ts";

/** Megabytes, open files and rows of whatever should not grow with time. */
export async function heldBy(stack: Stack, admin: Admin): Promise<Readonly<Record<string, number>>> {
  const held: Record<string, number> = {};
  const processes = [
    ...[...stack.services].map(([name, { pid }]) => [name, pid] as const),
    ["broker", stack.servers.kafka.pid] as const,
  ];
  for (const [name, pid] of processes) {
    if (pid === undefined) continue;
    try {
      held[`${name} memory, MB`] = rssMbOf(pid) ?? 0;
      held[`${name} open files`] = readdirSync(`/proc/${pid}/fd`).length;
    } catch {
      // It is just being replaced.
    }
  }
  return { ...held, ...(await rowsIn(stack.servers.postgres.url)), ...(await groupsOf(admin)) };
}

async function rowsIn(url: string): Promise<Readonly<Record<string, number>>> {
  const client = new pg.Client({ connectionString: url });
  // A server that goes down meanwhile also fails the question.
  client.on("error", () => undefined);
  try {
    await client.connect();
    const tables = SLICES.flatMap((slice) => [
      [`${slice} outbox rows`, `${slice}.outbox`],
      [`${slice} deferred rows`, `${slice}.deferred_events`],
      [`${slice} jobs that are not done`, `${slice}_jobs.job_common where state < 'completed'`],
    ]);
    const { rows } = await client.query<Record<string, number>>(
      `select ${tables.map(([name, from]) => `(select count(*)::int from ${from}) as "${name}"`).join(", ")}`,
    );
    return rows[0] ?? {};
  } catch {
    return {};
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function groupsOf(admin: Admin): Promise<Readonly<Record<string, number>>> {
  try {
    return { "consumer groups": (await admin.listGroups()).groups.length };
  } catch {
    return {};
  }
}
