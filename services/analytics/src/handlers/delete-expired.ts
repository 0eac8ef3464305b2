import type { Clock } from "@opsdesk/messaging";
import type { SearchStore } from "../clients/store.ts";
import { expired, keptFrom } from "../decide/generation.ts";
import type { Places } from "./places.ts";

/** Deletes days of events that are older than the installation keeps, and what earlier generations have left. */
export async function deleteExpired(
  { store, places, clock }: { store: SearchStore; places: Places; clock: Clock },
  { prefix, eventDays }: { prefix: string; eventDays: number },
): Promise<readonly string[]> {
  const generation = await places.current();
  const indices = await store.indices(`${prefix}-*`);
  const due = expired(prefix, indices, { generation, from: keptFrom(clock.now(), eventDays) });
  await store.deleteIndices(due);
  return due;
}
