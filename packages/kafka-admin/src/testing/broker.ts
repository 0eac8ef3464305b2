import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { KafkaConnection } from "@opsdesk/messaging/kafka-connection";
import { connectOnce } from "../client.ts";

const run = promisify(execFile);
const VERSION = "4.4.0";
const CACHE = new URL("../../../../node_modules/.cache/opsdesk/", import.meta.url);
const START_MS_MAX = 90_000;

export interface Broker {
  /** A super user. */
  readonly admin: KafkaConnection;
  stop(): Promise<void>;
}

/** One Kafka node that authenticates with SCRAM-SHA-256 and denies whatever no ACL allows. */
export async function startBroker(): Promise<Broker> {
  const libraries = await librariesOf();
  const folder = await mkdtemp(join(tmpdir(), "opsdesk-kafka-"));
  const [port, controllerPort] = [await freePort(), await freePort()];
  const secret = randomBytes(16).toString("hex");
  const properties = join(folder, "server.properties");
  await writeFile(properties, settings(folder, port, controllerPort, secret));
  const classpath = join(libraries, "*");
  await run("java", [
    ...["-cp", classpath, "kafka.tools.StorageTool", "format", "-t", randomBytes(16).toString("base64url")],
    ...["-c", properties, "--add-scram", `SCRAM-SHA-256=[name=admin,password=${secret}]`],
  ]);
  const memory = ["-Xms256m", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
  const child = spawn("java", [...memory, "-cp", classpath, "kafka.Kafka", properties], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)));
  const admin: KafkaConnection = {
    brokers: [`127.0.0.1:${port}`],
    sasl: { mechanism: "scram-sha-256", username: "admin", password: secret },
  };
  const stop = async (): Promise<void> => {
    await ended(child);
    await rm(folder, { recursive: true, force: true });
  };
  const endAt = Date.now() + START_MS_MAX;
  for (;;) {
    try {
      await (await connectOnce(admin)).close();
      return { admin, stop };
    } catch {
      if (child.exitCode !== null || Date.now() > endAt) {
        await stop();
        throw new Error(`Kafka did not start:\n${said}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exit;
}

const settings = (folder: string, port: number, controllerPort: number, secret: string): string =>
  [
    "process.roles=broker,controller",
    "node.id=1",
    `listeners=BROKER://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=BROKER://127.0.0.1:${port}`,
    "listener.security.protocol.map=BROKER:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
    "controller.listener.names=CONTROLLER",
    "inter.broker.listener.name=BROKER",
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    `log.dirs=${join(folder, "data")}`,
    "auto.create.topics.enable=false",
    "group.initial.rebalance.delay.ms=0",
    "offsets.topic.replication.factor=1",
    "offsets.topic.num.partitions=4",
    "transaction.state.log.replication.factor=1",
    "transaction.state.log.min.isr=1",
    "share.coordinator.state.topic.replication.factor=1",
    "share.coordinator.state.topic.min.isr=1",
    "sasl.enabled.mechanisms=SCRAM-SHA-256",
    "sasl.mechanism.inter.broker.protocol=SCRAM-SHA-256",
    "sasl.mechanism.controller.protocol=PLAIN",
    "listener.name.controller.sasl.enabled.mechanisms=PLAIN",
    `listener.name.broker.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="admin" password="${secret}";`,
    `listener.name.controller.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="broker" password="${secret}" user_broker="${secret}";`,
    "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users=User:broker;User:admin",
    "allow.everyone.if.no.acl.found=false",
    "",
  ].join("\n");

/** Kafka's own jars, fetched once by Maven. */
async function librariesOf(): Promise<string> {
  const folder = new URL(`kafka-${VERSION}/`, CACHE);
  if (existsSync(folder)) return folder.pathname;
  await mkdir(CACHE, { recursive: true });
  const aside = await mkdtemp(join(CACHE.pathname, "kafka-"));
  const dependency = (group: string, artifact: string, version: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  await writeFile(
    join(aside, "pom.xml"),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
      <groupId>opsdesk</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
      <dependencies>${dependency("org.apache.kafka", "kafka_2.13", VERSION)}
      ${dependency("org.apache.logging.log4j", "log4j-slf4j-impl", "2.25.5")}</dependencies></project>`,
  );
  const output = join(aside, "lib");
  await run("mvn", [
    "-q",
    "-f",
    join(aside, "pom.xml"),
    "dependency:copy-dependencies",
    "-DincludeScope=runtime",
    `-DoutputDirectory=${output}`,
  ]);
  await rename(output, folder.pathname.replace(/\/$/, "")).catch(async (error: unknown) => {
    // Another suite was first.
    await readFile(new URL(`kafka_2.13-${VERSION}.jar`, folder)).catch(() => Promise.reject(error));
  });
  await rm(aside, { recursive: true, force: true });
  return folder.pathname;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
