import type { Read } from "@opsdesk/database";
import { type AwaitedScenarios, awaitedKey, wantedOf } from "../decide/awaited.ts";
import { awaitedScenarios } from "../store/answers.ts";

/** The scenarios that a batch answers. Without an event of a shadow nothing is asked. */
export async function loadAwaited(read: Read, events: Parameters<typeof wantedOf>[0]): Promise<AwaitedScenarios> {
  const wanted = wantedOf(events);
  if (wanted.length === 0) return new Map();
  const rows = await awaitedScenarios(read, wanted);
  return new Map(rows.map((row) => [awaitedKey(row), { ...row, submittedAt: row.submittedAt.toISOString() }]));
}
