import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { cached, ran } from "./cache.ts";

export interface Broker {
  readonly address: string;
  stop(): Promise<void>;
}

const PORT = 19_471;
const SETTINGS = `process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:${String(PORT)},CONTROLLER://127.0.0.1:${String(PORT + 1)}
advertised.listeners=PLAINTEXT://127.0.0.1:${String(PORT)}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
controller.quorum.voters=1@127.0.0.1:${String(PORT + 1)}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
`;

/** The broker that the environment names, else Kafka's own server from Maven's packages, with a log of its own. */
export async function startBroker(): Promise<Broker> {
  const given = process.env["KAFKA_BROKERS"];
  if (given !== undefined && given !== "") return { address: given, stop: () => Promise.resolve() };

  const manifest = join(import.meta.dirname, "native-kafka.xml");
  const jars = cached("kafka", [manifest], (folder) => {
    copyFileSync(manifest, join(folder, "pom.xml"));
    ran("mvn", ["-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=lib"], {
      cwd: folder,
    });
  });
  const folder = mkdtempSync(join(tmpdir(), "opsdesk-kafka-"));
  const settings = join(folder, "server.properties");
  writeFileSync(settings, `${SETTINGS}log.dirs=${join(folder, "data")}\n`);
  const path = join(jars, "lib", "*");
  ran("java", ["-cp", path, "kafka.tools.StorageTool", "format", "-t", "b3BzZGVzay1pbnRlZ3JhdA", "-c", settings]);
  const server = spawn(
    "java",
    ["-Xms256m", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", path, "kafka.Kafka", settings],
    { stdio: "ignore" },
  );
  const stop = async (): Promise<void> => {
    await killed(server);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answering(`127.0.0.1:${String(PORT)}`, server);
  } catch (error) {
    await stop();
    throw error;
  }
  return { address: `127.0.0.1:${String(PORT)}`, stop };
}

async function killed(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const ended = once(server, "exit");
  server.kill("SIGKILL");
  await ended;
}

async function answering(address: string, server: ChildProcess): Promise<void> {
  const until = Date.now() + 60_000;
  for (;;) {
    const admin = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING, retry: { retries: 0 } }).admin();
    try {
      await admin.connect();
      await admin.listTopics();
      return;
    } catch (cause) {
      if (server.exitCode !== null) throw new Error(`Kafka ended with exit code ${String(server.exitCode)}`, { cause });
      if (Date.now() > until) throw new Error("Kafka did not answer within a minute", { cause });
      await new Promise((resolve) => setTimeout(resolve, 250));
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }
}
