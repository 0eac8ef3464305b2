import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import getPort from "get-port";
import { jars, javaAtLeast } from "./java.ts";
import { startNative } from "./native.ts";
import { listens } from "./reach.ts";
import { runTool } from "./run-tool.ts";
import { type KafkaServer, givenServer } from "./server.ts";

const VERSION = "4.4.0";
const ADMIN = { mechanism: "scram-sha-256", username: "admin", password: "admin-of-a-test-broker" } as const;
const JVM = ["-Xms256m", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

/**
 * A broker: `OPSDESK_TEST_KAFKA_BROKERS` where it is set, else a Kafka of one node in `folder`. With the authorizer on
 * it takes nobody who is not let in, and users log in by SCRAM-SHA-256; then it is never the environment's.
 */
export async function startKafka(options: {
  readonly folder: string;
  readonly authorizer?: boolean;
}): Promise<KafkaServer> {
  const given = process.env["OPSDESK_TEST_KAFKA_BROKERS"];
  if (given !== undefined && given !== "" && options.authorizer !== true)
    return { ...givenServer, brokers: given.split(",") };

  const { folder } = options;
  mkdirSync(folder, { recursive: true });
  const java = await javaAtLeast(17);
  const lib = join(
    await jars(`kafka-${VERSION}`, [
      `org.apache.kafka:kafka_2.13:${VERSION}`,
      "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5",
    ]),
    "lib",
    "*",
  );
  const port = await getPort();
  const controller = await getPort();
  const properties = join(folder, "server.properties");
  writeFileSync(properties, `${settings(folder, port, controller, options.authorizer === true).join("\n")}\n`);
  if (!existsSync(join(folder, "data", "meta.properties")))
    await runTool(java, [
      "-cp",
      lib,
      "kafka.tools.StorageTool",
      "format",
      "-t",
      "MkU3OEVBNTcwNTJENDM2Qg",
      "-c",
      properties,
      ...(options.authorizer === true
        ? ["--add-scram", `SCRAM-SHA-256=[name=${ADMIN.username},password=${ADMIN.password}]`]
        : []),
    ]);
  const server = await startNative({
    name: `Kafka ${VERSION}`,
    file: java,
    args: [...JVM, "-cp", lib, "kafka.Kafka", properties],
    log: join(folder, "kafka.log"),
    ready: () => listens(port),
    readyMsMax: 60_000,
  });
  return { ...server, brokers: [`127.0.0.1:${port}`], ...(options.authorizer === true ? { admin: ADMIN } : {}) };
}

function settings(folder: string, port: number, controller: number, authorizer: boolean): readonly string[] {
  const plain = "org.apache.kafka.common.security.plain.PlainLoginModule required";
  const protocol = authorizer ? "SASL_PLAINTEXT" : "PLAINTEXT";
  return [
    "process.roles=broker,controller",
    "node.id=1",
    `listeners=${protocol}://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    `advertised.listeners=${protocol}://127.0.0.1:${port}`,
    `listener.security.protocol.map=${protocol}:${protocol},CONTROLLER:${authorizer ? "SASL_PLAINTEXT" : "PLAINTEXT"}`,
    "controller.listener.names=CONTROLLER",
    `inter.broker.listener.name=${protocol}`,
    `controller.quorum.voters=1@127.0.0.1:${controller}`,
    `log.dirs=${join(folder, "data")}`,
    "auto.create.topics.enable=false",
    "group.initial.rebalance.delay.ms=0",
    "offsets.topic.replication.factor=1",
    "offsets.topic.num.partitions=4",
    "transaction.state.log.replication.factor=1",
    "transaction.state.log.min.isr=1",
    "transaction.state.log.num.partitions=4",
    "share.coordinator.state.topic.replication.factor=1",
    "share.coordinator.state.topic.min.isr=1",
    // A restart after SIGKILL waits for the old session to end: 5 s instead of 18.
    "broker.session.timeout.ms=2000",
    "broker.heartbeat.interval.ms=500",
    ...(authorizer
      ? [
          "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
          `super.users=User:broker;User:${ADMIN.username}`,
          "allow.everyone.if.no.acl.found=false",
          "sasl.enabled.mechanisms=SCRAM-SHA-256,PLAIN",
          "sasl.mechanism.controller.protocol=PLAIN",
          "sasl.mechanism.inter.broker.protocol=PLAIN",
          `listener.name.controller.plain.sasl.jaas.config=${plain} username="broker" password="broker-of-a-test" user_broker="broker-of-a-test";`,
          `listener.name.sasl_plaintext.plain.sasl.jaas.config=${plain} username="broker" password="broker-of-a-test" user_broker="broker-of-a-test";`,
          "listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
        ]
      : []),
  ];
}
