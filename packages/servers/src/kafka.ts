import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { classArchive } from "./class-archive.ts";
import { Daemon } from "./daemon.ts";
import { dockerHost, startContainer } from "./docker.ts";
import { javaMissing, javaOrThrow } from "./java.ts";
import { formatArguments, kafkaProperties } from "./kafka-properties.ts";
import { LOG_TO_CONSOLE } from "./logging.ts";
import { jars, mavenMissing } from "./maven.ts";
import { portFor } from "./port.ts";
import { runOrThrow } from "./run.ts";
import type { KafkaAdmin, KafkaOptions, KafkaServer, Server } from "./server.ts";
import { IMAGES, JARS, KAFKA_VERSION } from "./versions.ts";
import { obtain } from "./ways.ts";

const JAVA_MIN = 17;
/** Listens on this machine only, and has to be the same for a folder that is started again. */
const ADMIN: KafkaAdmin = { mechanism: "scram-sha-256", username: "admin", password: "opsdesk-test" };
const JVM = ["-Xms256m", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
/** Writing the archive of classes is part of ending. */
const STOPS_WITHIN_MS = 120_000;

export function startKafka(options: KafkaOptions): Promise<KafkaServer> {
  const admin = options.authorizer === true ? ADMIN : undefined;
  return obtain<KafkaServer>({
    name: "kafka",
    options,
    ownOnly: options.authorizer === true,
    given: (address, lifecycle) => kafkaServer(address.split(","), undefined, lifecycle),
    probe: (server) => probe(server.brokers, undefined),
    docker: () => inDocker(options.folder, admin),
    nativeMissing: async () => javaMissing(JAVA_MIN) ?? (await mavenMissing("Kafka")),
    native: () => natively(options.folder, admin),
  });
}

async function natively(folder: string, admin: KafkaAdmin | undefined): Promise<KafkaServer> {
  const java = javaOrThrow(JAVA_MIN);
  const name = `kafka-${KAFKA_VERSION}`;
  const classPath = await jars(name, JARS.kafka);
  const launch = (flags: readonly string[], at: string, user: KafkaAdmin | undefined): Promise<KafkaServer> =>
    launchNatively({ java: join(java.home, "bin", "java"), classPath, flags, folder: at, admin: user });
  const flags = await classArchive(name, java, (training, at) => launch(training, at, undefined));
  return launch(flags, folder, admin);
}

interface NativeKafka {
  readonly java: string;
  readonly classPath: string;
  readonly flags: readonly string[];
  readonly folder: string;
  readonly admin: KafkaAdmin | undefined;
}

async function launchNatively({ java, classPath, flags, folder, admin }: NativeKafka): Promise<KafkaServer> {
  await mkdir(folder, { recursive: true });
  const host = "127.0.0.1";
  const port = await portFor(folder, "client");
  const controllerPort = await portFor(folder, "controller");
  const dataFolder = join(folder, "data");
  const properties = join(folder, "server.properties");
  const logging = join(folder, "log4j2.properties");
  await writeFile(properties, kafkaProperties({ host, listenHost: host, port, controllerPort, dataFolder, admin }));
  await writeFile(logging, LOG_TO_CONSOLE);

  const common = [...JVM, `-Dlog4j2.configurationFile=${logging}`, "-cp", classPath];
  if (!existsSync(join(dataFolder, "meta.properties"))) {
    const format = formatArguments(properties, newClusterId(), admin);
    await runOrThrow(java, [...common, "kafka.tools.StorageTool", ...format]);
  }
  const brokers = [`${host}:${port}`];
  const daemon = new Daemon({
    name: "Kafka",
    command: java,
    args: [...flags, ...common, "kafka.Kafka", properties],
    log: join(folder, "kafka.log"),
    probe: () => probe(brokers, admin),
    stopsWithinMs: STOPS_WITHIN_MS,
  });
  await daemon.start();
  return kafkaServer(brokers, admin, daemon);
}

async function inDocker(folder: string, admin: KafkaAdmin | undefined): Promise<KafkaServer> {
  await mkdir(folder, { recursive: true });
  const host = await dockerHost();
  // Clients are told to come back to this port, so that inside and outside it has to be known beforehand.
  const port = await portFor(folder, "client");
  const target = "/tmp/server.properties";
  const content = kafkaProperties({
    host,
    port,
    listenHost: "0.0.0.0",
    controllerPort: port === 9_093 ? 9_094 : 9_093,
    dataFolder: "/tmp/kafka-data",
    admin,
  });
  const format = formatArguments(target, newClusterId(), admin).map((word) => `'${word}'`);
  const brokers = [`${host}:${port}`];
  const container = await startContainer({
    name: "Kafka",
    image: IMAGES.kafka,
    log: join(folder, "kafka.log"),
    port: { container: port, host: port },
    files: [{ content, target }],
    entrypoint: ["/bin/sh", "-c"],
    command: [
      `/opt/kafka/bin/kafka-storage.sh ${format.join(" ")} && exec /opt/kafka/bin/kafka-server-start.sh ${target}`,
    ],
    probe: () => probe(brokers, admin),
  });
  return kafkaServer(brokers, admin, container);
}

const kafkaServer = (brokers: readonly string[], admin: KafkaAdmin | undefined, lifecycle: Server): KafkaServer => ({
  brokers,
  ...(admin === undefined ? {} : { admin }),
  get pid() {
    return lifecycle.pid;
  },
  stop: () => lifecycle.stop(),
  kill: () => lifecycle.kill(),
  start: () => lifecycle.start(),
});

/** Ready is a broker that names a controller: it takes connections earlier. */
async function probe(brokers: readonly string[], admin: KafkaAdmin | undefined): Promise<void> {
  const kafka = new Kafka({
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    requestTimeout: 3_000,
    retry: { retries: 0 },
    ...(admin === undefined ? {} : { sasl: { ...admin } }),
  });
  const client = kafka.admin();
  try {
    await client.connect();
    const { controller, brokers: known } = await client.describeCluster();
    if (controller === null || known.length === 0) throw new Error("the cluster has no controller yet");
  } finally {
    await client.disconnect();
  }
}

/** Kafka's own form: 22 characters of base64url that do not begin with a dash. */
function newClusterId(): string {
  const id = randomBytes(16).toString("base64url");
  return id.startsWith("-") ? newClusterId() : id;
}
