import { Gathering } from "./gathering.ts";
import type { Consumer, Item } from "./item.ts";
import { type Processed, type ProcessorPorts, inTurn } from "./processor.ts";
import { tracedItems } from "./trace-items.ts";

/** What one handler's partitions hand over is processed together. */
export const gatheringFor = (ports: ProcessorPorts, consumer: Consumer, itemsMax: number): Gathering<Item, Processed> =>
  new Gathering(itemsMax, async (items) => {
    const startedAt = performance.now();
    const processed = await inTurn(ports, consumer, items);
    ports.observer.batch(consumer.name, (performance.now() - startedAt) / 1_000);
    return processed;
  });

/** As `processItems`, together with what other partitions hand over, or `alone`. */
export const processGathered = (
  ports: ProcessorPorts,
  consumer: Consumer,
  gathering: Gathering<Item, Processed>,
  items: readonly Item[],
  alone: boolean,
): Promise<Processed> =>
  tracedItems(ports, consumer, items, async () => {
    if (alone) return await gathering.alone(items);
    const [{ results, published }, from] = await gathering.run(items);
    return { results: results.slice(from, from + items.length), published };
  });
