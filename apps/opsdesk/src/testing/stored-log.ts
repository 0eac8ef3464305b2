import type { Envelope } from "@opsdesk/schemas/envelope";
import { topicCatalogue } from "@opsdesk/schemas";
import { openEmbeddedLane } from "@opsdesk/service/embedded";
import pino from "pino";

/** Every event that a stopped desk's log holds, read from its data directory. */
export async function storedEvents(dataDir: string): Promise<readonly Envelope[]> {
  const log = pino({ level: "silent" });
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
