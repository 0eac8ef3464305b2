import { setTimeout as sleep } from "node:timers/promises";
import { openPostgres } from "@opsdesk/database/postgres";
import { sha256Hex } from "@opsdesk/identity";
import type { Client } from "@opsdesk/opsdesk/client";
import { isOk } from "../stack/service-process.ts";
import type { Stack } from "../stack/stack.ts";
import type { Crm } from "./crm.ts";
import { STACK_SLICES, waiting } from "./judge.ts";
import { untilTaken } from "./patience.ts";

const REST_MS_MAX = 8 * 60_000;

export const enquiryOf = (id: string, text: string) => ({
  channel: "web",
  from: { name: `Customer ${id}`, email: `customer-${id}@example.org` },
  text,
  source: "fault-test",
  externalId: id,
});

/**
 * What happens to a ticket after its enquiry. Some customers write up to three times more, one message right after the
 * other: only events of one ticket in one topic can overtake each other.
 */
export const plan = (random: () => number): { readonly again: number; readonly approved: boolean } => ({
  again: random() < 0.1 ? 1 + Math.floor(random() * 3) : 0,
  approved: random() < 0.05,
});

/**
 * Approves the ticket's draft as Priya, if there is one; a refusal because the conversation moved on is an answer. The
 * request is sent twice, as by a client whose first answer was lost. Answers whether there was a draft.
 */
export async function approve(desk: Client, ticketId: string, index: number, waitMs = 20_000): Promise<boolean> {
  const end = Date.now() + waitMs;
  while (Date.now() < end) {
    const { items } = await untilTaken(() =>
      desk.get<{ items: { id: string; fingerprint: string; draft: unknown }[] }>(
        `/v1/reviews?status=pending&ticket=${ticketId}`,
      ),
    );
    const [review] = items;
    if (review !== undefined) {
      if (review.draft === null) return false;
      for (let time = 0; time < 2; time += 1)
        await untilTaken(() =>
          desk.send(
            "POST",
            `/v1/reviews/${review.id}/decisions`,
            { decision: "approve", actorId: "priya", fingerprint: review.fingerprint, openedEvidence: [] },
            `approve:${sha256Hex(`${index}:${review.id}`)}`,
          ),
        );
      return true;
    }
    await sleep(250);
  }
  return false;
}

/** Answers who still works when time is up. A webhook that will be tried again is work, though nobody is busy with it. */
export async function untilRest(stack: Stack, crm: Crm, say: (line: string) => void): Promise<readonly string[]> {
  const database = openPostgres({
    url: stack.servers.postgres.url,
    name: "opsdesk faults at rest",
    connectionsMax: 1,
    idleInTransactionMsMax: 0,
  });
  try {
    const end = Date.now() + REST_MS_MAX;
    let calm = 0;
    for (let turn = 1; ; turn += 1) {
      const idle = await Promise.all(
        [...stack.services].map(async ([name, service]) => [name, await isOk(`${service.url}/idlez`)] as const),
      );
      const busy = idle.flatMap(([name, ok]) => (ok ? [] : [name]));
      busy.push(...(await waiting(database, STACK_SLICES)));
      calm = busy.length === 0 ? calm + 1 : 0;
      if (calm === 3 || Date.now() > end) return busy;
      if (turn % 20 === 0) say(`Waiting for ${busy.join(", ") || "nobody"}; ${crm.received().length} webhooks came.`);
      await sleep(1_000);
    }
  } finally {
    await database.close();
  }
}
