import { type DecodeOptions, decode } from "./decode.ts";
import { type Consumer, type Outcomes, noOutcomes } from "./item.ts";
import { pause } from "./pause.ts";
import { type ProcessorPorts, processItems } from "./processor.ts";

export interface ReplayOptions {
  /** Absent: all tenants, for the operator of the installation. */
  readonly tenant?: string;
  readonly handler?: string;
  readonly topic?: string;
  readonly from: { readonly offset: number } | { readonly time: number };
  readonly dryRun: boolean;
  readonly perSecondMax: number;
  readonly onProgress?: (done: number) => void;
}

export interface ReplayReport {
  readonly read: number;
  readonly outcomes: Readonly<Outcomes>;
}

export interface ReplayPorts {
  readonly ports: ProcessorPorts;
  readonly handlers: ReadonlyMap<string, Consumer>;
  readonly topicsOfType: (type: string) => readonly string[];
  readonly decoding: DecodeOptions;
  readonly signal: AbortSignal;
}

/**
 * Re-offers what a service's group has behind it, one event at a time: what was claimed counts as a duplicate. What lies
 * before the group comes by itself, and would otherwise be taken ahead of its turn.
 */
export async function replay(
  { decoding, handlers, ports, signal, topicsOfType }: ReplayPorts,
  { dryRun, from, handler, onProgress, perSecondMax, tenant, topic }: ReplayOptions,
): Promise<ReplayReport> {
  const outcomes = noOutcomes();
  let read = 0;
  for (const [name, consumer] of handlers) {
    if (handler !== undefined && handler !== name) continue;
    for (const itsTopic of topicsOfType(consumer.handler.type)) {
      if (topic !== undefined && topic !== itsTopic) continue;
      const committed = new Map(
        (await ports.bus.positions(`opsdesk.${ports.service}`, [itsTopic])).map((one) => [
          one.partition,
          one.committed,
        ]),
      );
      for await (const record of ports.bus.read({ topic: itsTopic, from })) {
        if (record.offset >= (committed.get(record.partition) ?? 0)) continue;
        const decoded = decode(record, decoding);
        if (tenant !== undefined && tenant !== (decoded.ok ? decoded.event.tenantid : decoded.tenant)) continue;
        read += 1;
        if (!dryRun) {
          const { results } = await processItems(ports, consumer, [{ from: "topic", record, decoded }]);
          for (const result of results) outcomes[result.status] += 1;
          await pause(signal, 1_000 / perSecondMax);
        }
        if (read % 100 === 0) onProgress?.(read);
      }
    }
  }
  return { read, outcomes };
}
