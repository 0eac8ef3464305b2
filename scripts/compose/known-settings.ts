import { groups } from "../configuration/settings.ts";

/** What the lane of separate processes is configured with, before the list of all settings names it. */
const LANE = [
  "DATABASE_URL",
  "DATABASE_OWNER_URL",
  "DATABASE_PASSWORD",
  "KAFKA_BROKERS",
  "KAFKA_TLS_ENABLED",
  "KAFKA_SASL_MECHANISM",
  "KAFKA_SASL_USERNAME",
  "KAFKA_SASL_PASSWORD",
  "BLOB_URL",
  "OPSDESK_EDGE_TENANTS",
  "OPENSEARCH_URL",
  "NEO4J_URL",
  "NEO4J_USER",
  "NEO4J_PASSWORD",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
];
/** May be prefixed with a service's name, so that each keeps its own rights. */
const PREFIXED = /^(DATABASE|KAFKA)_/;

/** Who uses topics and is none of ours. */
const OUTSIDE = ["upstream", "crm"];

const known = new Set([...LANE, ...groups.flatMap((group) => group.settings.map((setting) => setting.name))]);
/** Settings that go on with a name of one's own end in an underline. */
const families = [...known].filter((name) => name.endsWith("_"));

/** Whether a process of ours reads this variable; `services` may prefix it. */
export function knowsSetting(name: string, services: readonly string[]): boolean {
  if (known.has(name) || families.some((family) => name.startsWith(family))) return true;
  return [...services, ...OUTSIDE].some((service) => {
    const prefix = `${service.toUpperCase().replaceAll("-", "_")}_`;
    const rest = name.slice(prefix.length);
    return name.startsWith(prefix) && PREFIXED.test(rest) && known.has(rest);
  });
}
