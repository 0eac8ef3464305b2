import { readFileSync } from "node:fs";
import { RejectedError } from "@opsdesk/errors";

type Environment = Readonly<Record<string, string | undefined>>;

export type SaslMechanism = "plain" | "scram-sha-256" | "scram-sha-512";

export interface KafkaSasl {
  readonly mechanism: SaslMechanism;
  readonly username: string;
  readonly password: string;
}

/** PEM texts. A server is always verified: by `ca`, or by the certificate authorities that Node knows. */
export interface KafkaTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** How a Kafka client reaches its cluster, in the form that kafkajs takes. */
export interface KafkaConnection {
  readonly brokers: string[];
  readonly sasl?: KafkaSasl;
  readonly ssl?: KafkaTls;
}

/** The user a service signs in as where nothing else is said; its consumer groups begin with the same name. */
export const kafkaUserOf = (service: string): string => `opsdesk.${service}`;

/** `safety-gate` reads `SAFETY_GATE_KAFKA_…` before `KAFKA_…`, so that services of one process keep their own rights. */
export const kafkaPrefixOf = (service: string): string => `${service.toUpperCase().replaceAll("-", "_")}_`;

/**
 * Reads `KAFKA_BROKERS`, `KAFKA_SASL_*` and `KAFKA_TLS_*`, a service's own names first. Throws RejectedError
 * `config_invalid` that lists every problem at once, each beginning with the name of its setting.
 */
export function kafkaConnection(
  environment: Environment,
  service?: string,
  readText: (path: string) => string = (path) => readFileSync(path, "utf8"),
): KafkaConnection {
  const problems: string[] = [];
  const settings = reader(environment, service === undefined ? "" : kafkaPrefixOf(service));
  const brokers = brokersFrom(settings, problems);
  const sasl = saslFrom(settings, service, problems);
  const ssl = tlsFrom(settings, readText, problems);
  if (problems.length > 0)
    throw new RejectedError("config_invalid", problems.join("; "), { publicMessage: problems.join("\n") });
  return { brokers, ...(sasl === undefined ? {} : { sasl }), ...(ssl === undefined ? {} : { ssl }) };
}

interface Given {
  /** The name that was set, or else the plain one. */
  readonly name: string;
  readonly value: string | undefined;
  readonly own: boolean;
}

type Settings = (plain: string) => Given;

/** A variable that is set to nothing, as many tools leave it, is not set. */
function reader(environment: Environment, prefix: string): Settings {
  return (plain) => {
    const own = prefix === "" ? undefined : environment[`${prefix}${plain}`] || undefined;
    return own === undefined
      ? { name: plain, value: environment[plain] || undefined, own: false }
      : { name: `${prefix}${plain}`, value: own, own: true };
  };
}

/** A host name, an IPv4 address or an IPv6 one in brackets, and a port. */
const BROKER = /^(\[[0-9a-fA-F:.]+\]|[^\s:,/[\]]+):(\d{1,5})$/;

function brokersFrom(settings: Settings, problems: string[]): string[] {
  const { name, value } = settings("KAFKA_BROKERS");
  if (value === undefined) {
    problems.push(`${name} must name the cluster's brokers: host:port, more of them after commas`);
    return [];
  }
  const brokers = value.split(",").map((one) => one.trim());
  const wrong = brokers.filter((one) => {
    const port = Number(BROKER.exec(one)?.[2] ?? 0);
    return port < 1 || port > 65_535;
  });
  if (wrong.length > 0)
    problems.push(`${name} must be host:port, more of them after commas, not "${wrong.join('", "')}"`);
  return brokers;
}

const MECHANISMS = ["scram-sha-256", "scram-sha-512", "plain"] as const satisfies readonly SaslMechanism[];

function saslFrom(settings: Settings, service: string | undefined, problems: string[]): KafkaSasl | undefined {
  const mechanism = settings("KAFKA_SASL_MECHANISM");
  const username = settings("KAFKA_SASL_USERNAME");
  const password = settings("KAFKA_SASL_PASSWORD");
  // A service that is given only its own password signs in as its own user, never as the one that others share.
  const user = password.own && !username.own && service !== undefined ? kafkaUserOf(service) : username.value;
  const known = MECHANISMS.find((one) => one === (mechanism.value ?? "scram-sha-256").toLowerCase());
  if (known === undefined)
    problems.push(`${mechanism.name} must be one of ${MECHANISMS.join(", ")}, not "${mechanism.value ?? ""}"`);
  if (username.own && !password.own)
    problems.push(`${username.name} needs a password of its own beside it, ${ownName(username.name, "PASSWORD")}`);
  else if (user === undefined && password.value !== undefined)
    problems.push(`KAFKA_SASL_USERNAME must be set, because ${password.name} is`);
  else if (user !== undefined && password.value === undefined)
    problems.push(`KAFKA_SASL_PASSWORD must be set, because ${username.name} is`);
  else if (user === undefined && mechanism.value !== undefined)
    problems.push(`${mechanism.name} needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD`);
  if (known === undefined || user === undefined || password.value === undefined) return undefined;
  return { mechanism: known, username: user, password: password.value };
}

const ownName = (username: string, last: string): string => username.replace(/USERNAME$/, last);

function tlsFrom(settings: Settings, readText: (path: string) => string, problems: string[]): KafkaTls | undefined {
  const enabled = settings("KAFKA_TLS_ENABLED");
  if (enabled.value !== undefined && !["true", "false"].includes(enabled.value))
    problems.push(`${enabled.name} must be true or false, not "${enabled.value}"`);
  const ca = pemFrom(settings("KAFKA_TLS_CA"), readText, problems);
  const cert = pemFrom(settings("KAFKA_TLS_CERT"), readText, problems);
  const key = pemFrom(settings("KAFKA_TLS_KEY"), readText, problems);
  const named = [settings("KAFKA_TLS_CA"), settings("KAFKA_TLS_CERT"), settings("KAFKA_TLS_KEY")].filter(
    (one) => one.value !== undefined,
  );
  if ((settings("KAFKA_TLS_CERT").value === undefined) !== (settings("KAFKA_TLS_KEY").value === undefined))
    problems.push("KAFKA_TLS_CERT and KAFKA_TLS_KEY belong together: set both or neither");
  if (enabled.value === "false" && named.length > 0)
    problems.push(`${enabled.name} must not be false where ${named.map((one) => one.name).join(", ")} is set`);
  if (enabled.value !== "true" && named.length === 0) return undefined;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** Either the PEM text itself (`\n` may stand for a line break) or the path of a file that holds it. */
function pemFrom({ name, value }: Given, readText: (path: string) => string, problems: string[]): string | undefined {
  if (value === undefined) return undefined;
  let text = value.replaceAll(String.raw`\n`, "\n");
  if (!text.startsWith("-----BEGIN "))
    try {
      text = readText(value);
    } catch {
      problems.push(`${name} must be a PEM text or the path of a readable file`);
      return undefined;
    }
  if (text.includes("-----BEGIN ")) return text;
  problems.push(`${name} must be a PEM text or the path of a file that holds one`);
  return undefined;
}
