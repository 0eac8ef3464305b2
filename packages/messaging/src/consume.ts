import { TransientError } from "@opsdesk/errors";
import type { RecordBatch } from "./bus.ts";
import { type DecodeOptions, decode } from "./decode.ts";
import { pause } from "./pause.ts";
import type { Gathering } from "./gathering.ts";
import type { Consumer, Item } from "./item.ts";
import { processGathered } from "./process-gathered.ts";
import type { Processed, ProcessorPorts } from "./processor.ts";

const BACKOFF_MS_MIN = 100;
const BACKOFF_MS_MAX = 10_000;

/**
 * Takes one batch of a partition to its end, together with those of other partitions. A transient failure is retried
 * without limit, by each partition for itself and with one record at a time until one gets through (a breaker that
 * probes), so that what holds up one holds up no other; the source offset moves only behind what is published.
 * Never throws: what the bus hands us must not stop the subscription.
 */
export async function consumeBatch(
  ports: ProcessorPorts,
  consumer: Consumer,
  batch: RecordBatch,
  gathering: Gathering<Item, Processed>,
  options: DecodeOptions & { readonly signal: AbortSignal },
): Promise<void> {
  let rest: readonly Item[] = batch.records.map((record) => ({
    from: "topic",
    record,
    decoded: decode(record, options),
  }));
  let backoffMs = 0;
  while (rest.length > 0 && !options.signal.aborted) {
    const items = backoffMs === 0 ? rest : rest.slice(0, 1);
    let done = false;
    try {
      const { results, published } = await processGathered(ports, consumer, gathering, items, backoffMs > 0);
      for (const result of results) ports.observer.processed(consumer.name, result.status, 1);
      // If not, the effects are safe and their events wait for the relay: repeated, the batch is found claimed and asks again.
      done = published;
    } catch (error) {
      const code = error instanceof TransientError ? error.code : "handler_failed";
      ports.observer.trouble(code, `${consumer.name}: the batch will be tried again`, error);
    }
    if (done) {
      backoffMs = 0;
      rest = rest.slice(items.length);
      const last = items.at(-1);
      if (last !== undefined) batch.commit(last.record.offset + 1);
    } else {
      backoffMs = Math.max(BACKOFF_MS_MIN, Math.min(backoffMs * 2, BACKOFF_MS_MAX));
      await pause(options.signal, backoffMs);
    }
    // Also of one that waits: for a broker that answers and takes nothing, a restart mends nothing.
    await batch.heartbeat();
  }
}
