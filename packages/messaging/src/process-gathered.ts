import { Gathering } from "./gathering.ts";
import type { Consumer, Item } from "./item.ts";
import { type Processed, type ProcessorPorts, inTurn } from "./processor.ts";
import { tracedItems } from "./trace-items.ts";

/** What one handler's partitions hand over is processed together. */
export const gatheringFor = (
  ports: ProcessorPorts,
  consumer: Consumer,
  itemsMax: number,
  signal: AbortSignal,
): Gathering<Item, Processed> =>
  new Gathering(itemsMax, signal, async (items) => {
    const startedAt = performance.now();
    const processed = await inTurn(ports, consumer, items);
    ports.observer.batch(consumer.name, (performance.now() - startedAt) / 1_000);
    return processed;
  });

/** As `processItems`, together with what other partitions hand over, or `alone`. No results: this process stops. */
export const processGathered = (
  ports: ProcessorPorts,
  consumer: Consumer,
  gathering: Gathering<Item, Processed>,
  items: readonly Item[],
  alone: boolean,
): Promise<Processed> =>
  tracedItems(ports, consumer, items, async () => {
    if (alone) return await gathering.alone(items);
    const gathered = await gathering.run(items);
    if (gathered === undefined) return { results: [], published: false };
    const [{ results, published }, from] = gathered;
    return { results: results.slice(from, from + items.length), published };
  });
