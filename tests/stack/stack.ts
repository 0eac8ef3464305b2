import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { sha256Hex } from "@opsdesk/identity";
import { applyToCluster, planOf } from "@opsdesk/kafka-admin";
import { type KafkaConnection, kafkaUserOf } from "@opsdesk/messaging/kafka-connection";
import { client, type Client } from "@opsdesk/opsdesk/client";
import { type Gateway, startGateway } from "@opsdesk/opsdesk/gateway";
import { everyService } from "@opsdesk/opsdesk/services";
import type { Service } from "@opsdesk/schemas";
import {
  type KafkaServer,
  type Neo4jServer,
  type OpenSearchServer,
  type PostgresServer,
  startKafka,
  startNeo4j,
  startOpenSearch,
  startPostgres,
} from "@opsdesk/servers";
import { migrateServer } from "@opsdesk/service/migrate";
import getPort from "get-port";
import { root } from "../../scripts/checkout.mjs";
import { run } from "./command.ts";
import { Secrets } from "./secrets.ts";
import { ServiceProcess } from "./service-process.ts";

interface Servers {
  readonly kafka: KafkaServer;
  readonly postgres: PostgresServer;
  readonly opensearch: OpenSearchServer;
  readonly neo4j: Neo4jServer;
}

export interface Stack {
  readonly servers: Servers;
  readonly services: ReadonlyMap<string, ServiceProcess>;
  readonly gateway: Gateway;
  readonly secrets: StackSecrets;
  /** With the installation's key. */
  readonly installation: Client;
  /** As the administrator of the broker. */
  readonly kafka: KafkaConnection;
  /** Where all services keep blobs. */
  readonly blobFolder: string;
  /** Makes database and broker ready for the services of a checkout, as its operators would. */
  prepareFor(checkout: string): Promise<void>;
  /** Starts another process of a service beside the first. */
  replica(service: Service, number: number): Promise<ServiceProcess>;
  stop(): Promise<void>;
}

interface StackSecrets {
  readonly installKey: string;
  readonly endpoint: string;
}

export interface StackOptions {
  /** Data, logs, blobs and secrets: a stack that was stopped, or killed, goes on in its folder. */
  readonly folder: string;
  readonly say: (line: string) => void;
  /** `host:port` that webhooks may reach. */
  readonly receiver: (secret: string) => Promise<string>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Which services run; absent: all. */
  readonly only?: readonly Service[];
  /** Servers of its own, which may be killed: what the environment names is passed over. */
  readonly ownServers?: boolean;
  /** The checkout whose services run, and which prepares the servers for them; absent: this one. */
  readonly from?: string;
}

/** All servers, started or found, and every service as a process of its own behind one gateway. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { folder, say } = options;
  mkdirSync(folder, { recursive: true });
  const allServices = await everyService();
  const servers = await startServers(folder, options.ownServers === true);
  say(`The servers are ready.`);

  const kept = new Secrets(join(folder, "secrets.json"));
  const secrets = {
    installKey: `odk_${kept.word("installation")}`,
    endpoint: `whsec_${kept.bytes("endpoint").toString("base64")}`,
  };
  const allowed = await options.receiver(secrets.endpoint);
  const passwords = new Map(allServices.map(({ name }) => [name, kept.word(`postgres of ${name}`)]));
  const loginsOfDatabase = Object.fromEntries(
    [...passwords].map(([name, password]) => [`${prefixOf(name)}DATABASE_PASSWORD`, password]),
  );
  const kafka: KafkaConnection = {
    brokers: [...servers.kafka.brokers],
    ...(servers.kafka.admin === undefined ? {} : { sasl: servers.kafka.admin }),
  };
  const plan = planOf({ edgeTenants: [], outside: [] });
  const logins = new Map(plan.users.map(({ name }) => [name, kept.word(`kafka of ${name}`)]));
  const prepareFor = async (checkout: string): Promise<void> => {
    const program = join(checkout, "apps", "opsdesk", "src", "main.ts");
    const told = {
      DATABASE_OWNER_URL: servers.postgres.url,
      ...loginsOfDatabase,
      KAFKA_BROKERS: kafka.brokers.join(","),
      ...(servers.kafka.admin === undefined
        ? {}
        : { KAFKA_SASL_USERNAME: servers.kafka.admin.username, KAFKA_SASL_PASSWORD: servers.kafka.admin.password }),
      ...Object.fromEntries(plan.users.map(({ name, passwordSetting }) => [passwordSetting, logins.get(name) ?? ""])),
    };
    for (const words of [["migrate"], ["topics", "apply"]])
      await run(process.execPath, ["--disable-warning=ExperimentalWarning", program, ...words], checkout, told);
  };
  if (options.from === undefined) {
    await migrateServer(servers.postgres.url, allServices, loginsOfDatabase);
    await applyToCluster(kafka, plan, logins, { prune: false, dryRun: false });
  } else await prepareFor(options.from);
  say("Slices, topics, users and rights are there.");

  const environment = {
    OPSDESK_LANE: "local",
    LOG_LEVEL: "info",
    KAFKA_BROKERS: servers.kafka.brokers.join(","),
    OPENSEARCH_URL: servers.opensearch.url,
    NEO4J_URL: servers.neo4j.url,
    NEO4J_USER: servers.neo4j.user,
    NEO4J_PASSWORD: servers.neo4j.password,
    BLOB_URL: pathToFileURL(join(folder, "blobs")).href,
    OPSDESK_SECRETS_KEY: kept.bytes("sealing").toString("hex"),
    OPSDESK_LINK_KEY: kept.bytes("links").toString("hex"),
    OPSDESK_TENANT: "it-helpdesk",
    OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__CRM: secrets.endpoint,
    INSTALL_KEY_SHA256: sha256Hex(secrets.installKey),
    WEBHOOK_ALLOW_ADDRESSES: allowed,
    ...options.environment,
  };
  const gatewayPort = await getPort();
  const processOf = async (name: Service, schema: string, log: string): Promise<ServiceProcess> => {
    const url = new URL(servers.postgres.url);
    url.username = `${schema}_app`;
    url.password = passwords.get(name) ?? "";
    return new ServiceProcess({
      name,
      port: await getPort(),
      root: options.from ?? root,
      environment: {
        ...environment,
        ...(servers.kafka.admin === undefined
          ? {}
          : { KAFKA_SASL_USERNAME: kafkaUserOf(name), KAFKA_SASL_PASSWORD: logins.get(kafkaUserOf(name)) ?? "" }),
        DATABASE_URL: url.href,
        PUBLIC_URL: `http://127.0.0.1:${gatewayPort}`,
      },
      log: join(folder, log),
    });
  };
  const services = new Map<string, ServiceProcess>();
  for (const { name, schema } of allServices)
    if (options.only?.includes(name) !== false) services.set(name, await processOf(name, schema, `${name}.log`));
  const stopAll = async (): Promise<void> => {
    await Promise.all([...services.values()].map((service) => service.stop()));
    await Promise.all(Object.values(servers).map((server) => server.stop()));
  };
  try {
    await Promise.all([...services.values()].map((service) => service.start()));
  } catch (error) {
    await stopAll();
    throw error;
  }
  const gateway = await startGateway({
    host: "127.0.0.1",
    port: gatewayPort,
    services: new Map([...services].map(([name, service]) => [name, service.url])),
  });
  say(`${services.size} services run, each in a process of its own; one address for them: ${gateway.url}`);
  return {
    servers,
    services,
    gateway,
    secrets,
    kafka,
    blobFolder: join(folder, "blobs"),
    prepareFor,
    async replica(name, number) {
      const schema = allServices.find((service) => service.name === name)?.schema ?? name;
      const one = await processOf(name, schema, `${name}-${number}.log`);
      await one.start();
      return one;
    },
    installation: client(gateway.url, secrets.installKey),
    async stop() {
      await gateway.stop();
      await stopAll();
    },
  };
}

async function startServers(folder: string, own: boolean): Promise<Servers> {
  const [kafka, postgres, opensearch, neo4j] = await Promise.all([
    startKafka({ folder: join(folder, "kafka"), own, authorizer: true }),
    startPostgres({ folder: join(folder, "postgres"), own }),
    startOpenSearch({ folder: join(folder, "opensearch"), own }),
    startNeo4j({ folder: join(folder, "neo4j"), own }),
  ]);
  return { kafka, postgres, opensearch, neo4j };
}

const prefixOf = (service: string): string => `${service.toUpperCase().replaceAll("-", "_")}_`;
