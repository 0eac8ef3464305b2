import type { Static, TObject } from "typebox";

export type Service =
  | "ingest"
  | "triage"
  | "retrieval"
  | "safety-gate"
  | "webhook"
  | "evaluation"
  | "console"
  | "analytics";
/** Who may stand at either end of a topic: a service, or a party outside. */
export type Party = Service | "upstream" | "crm";
/** fact: kept, so that read models can be rebuilt; state: compacted; command and operational: 14 days. */
export type TopicClass = "fact" | "state" | "command" | "operational";
/** What a record is keyed by, and therefore what its order is promised for. */
export type TopicKey = "ticket" | "thread" | "tenant" | "source" | "endpoint" | "original";

export interface EventContract<Type extends string = string, Data extends TObject = TObject> {
  readonly type: Type;
  readonly major: number;
  /** `<major>.<minor>`, as the envelope carries it. */
  readonly schemaVersion: string;
  /** `<type>.v<major>` */
  readonly topic: string;
  readonly meaning: string;
  readonly key: TopicKey;
  readonly class: TopicClass;
  readonly producers: readonly Party[];
  readonly consumers: readonly Party[];
  readonly data: Data;
}

export type DataOf<C extends EventContract> = Static<C["data"]>;

interface Topic {
  readonly meaning: string;
  readonly key: TopicKey;
  readonly class: TopicClass;
  readonly producers: readonly Party[];
  readonly consumers: readonly Party[];
}

/** Declares an event type: its topic, who produces and consumes it, and the closed schema of its payload. */
export function event<const Type extends string, Data extends TObject>(
  type: Type,
  version: `${number}.${number}`,
  topic: Topic,
  data: Data,
): EventContract<Type, Data> {
  const major = Number(version.split(".")[0]);
  return { type, major, schemaVersion: version, topic: `${type}.v${major}`, ...topic, data };
}
