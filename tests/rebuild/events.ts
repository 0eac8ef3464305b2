import { idFor } from "@opsdesk/identity";
import type { OutgoingRecord } from "@opsdesk/messaging/bus";
import { type EventType, checkProduced, contractOf } from "@opsdesk/schemas";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { validExamples } from "@opsdesk/schemas/examples";

export interface MadeEvent {
  readonly type: EventType;
  readonly tenant: string;
  /** What the topic is keyed by. */
  readonly key: string;
  readonly subject?: string;
  readonly correlationId: string;
  /** Unique: the event's id follows from it. */
  readonly name: string;
  readonly at: number;
  readonly data: object;
}

/** The record that the producer of this event would send. Throws where the producer would be refused. */
export function recordOf({ type, tenant, key, subject, correlationId, name, at, data }: MadeEvent): OutgoingRecord {
  const contract = contractOf(type);
  if (contract === undefined) throw new TypeError(`no contract of ${type}`);
  const problems = checkProduced(type, data);
  if (problems.length > 0) throw new TypeError(`invalid ${type}: ${JSON.stringify(problems)}`);
  const envelope: Envelope = {
    specversion: "1.0",
    id: idFor(name),
    source: `/opsdesk/${contract.producers[0] ?? "ingest"}`,
    type,
    schemaversion: contract.schemaVersion,
    ...(subject === undefined ? {} : { subject }),
    time: isoOf(at),
    datacontenttype: "application/json",
    correlationid: correlationId,
    idempotencykey: name,
    tenantid: tenant,
    data,
  };
  return {
    topic: contract.topic,
    key,
    headers: {
      "content-type": "application/cloudevents+json",
      ce_id: envelope.id,
      ce_type: type,
      ce_correlationid: correlationId,
    },
    value: JSON.stringify(envelope),
  };
}

export const isoOf = (at: number): string => new Date(at).toISOString();

const examples = new Map<string, Readonly<Record<string, unknown>>>();

/** The data of one of the contracts' own examples: what a chain does not decide is as it is there. */
export function exampleOf(type: EventType, name: string): Readonly<Record<string, unknown>> {
  const path = `${type}/valid-${name}.json`;
  let data = examples.get(path);
  if (data === undefined) {
    const found = validExamples(type).find((one) => one.name === path);
    if (found === undefined) throw new TypeError(`no example ${path}`);
    // Every event's data is an object.
    data = found.event.data as Readonly<Record<string, unknown>>;
    examples.set(path, data);
  }
  return data;
}
