import { topicCatalogue } from "../../schemas/src/index.ts";
import type { Envelope } from "../../schemas/src/envelope.ts";
import { openEmbeddedLane } from "../../packages/service/src/embedded.ts";

type Log = Parameters<typeof openEmbeddedLane>[0]["log"];

/** Every event that a stopped desk's log holds, read from its data directory: what is not there was lost. */
export async function readLog(dataDir: string, log: Log): Promise<readonly Envelope[]> {
  const lane = await openEmbeddedLane({ dataDir, services: [], environment: {}, log, defaultTenant: undefined });
  await lane.prepared;
  try {
    const events: Envelope[] = [];
    for (const { name } of topicCatalogue)
      // Written by the desk's own outbox, which checks every event against its contract.
      for await (const { value } of lane.bus.read({ topic: name, from: { offset: 0 } }))
        events.push(JSON.parse(value) as Envelope);
    return events;
  } finally {
    await lane.close();
  }
}
