import type { KafkaAdmin } from "./server.ts";

export interface KafkaProperties {
  /** What clients connect to. */
  readonly host: string;
  readonly port: number;
  /** What the broker listens on: all interfaces in a container. */
  readonly listenHost: string;
  readonly controllerPort: number;
  readonly dataFolder: string;
  readonly admin: KafkaAdmin | undefined;
}

/** One broker that is its own controller. */
export function kafkaProperties(options: KafkaProperties): string {
  const { host, port, listenHost, controllerPort, dataFolder, admin } = options;
  return Object.entries({
    "process.roles": "broker,controller",
    "node.id": "1",
    listeners: `CLIENT://${listenHost}:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    "advertised.listeners": `CLIENT://${host}:${port}`,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "CLIENT",
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    "log.dirs": dataFolder,
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": "0",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    // A killed broker can register again only when its session has ended: 5 s until it is ready instead of 18.
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    ...(admin === undefined ? open : guarded(admin)),
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

const open = { "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT" };

function guarded({ username, password }: KafkaAdmin): Readonly<Record<string, string>> {
  const scram = "org.apache.kafka.common.security.scram.ScramLoginModule";
  const plain = "org.apache.kafka.common.security.plain.PlainLoginModule";
  const login = `required username="${username}" password="${password}"`;
  return {
    "listener.security.protocol.map": "CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
    "sasl.enabled.mechanisms": "SCRAM-SHA-256",
    "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-256",
    // SCRAM's users are kept by the controller, so that the way to it needs another mechanism.
    "sasl.mechanism.controller.protocol": "PLAIN",
    "listener.name.client.scram-sha-256.sasl.jaas.config": `${scram} ${login};`,
    "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
    "listener.name.controller.plain.sasl.jaas.config": `${plain} ${login} user_${username}="${password}";`,
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": `User:${username}`,
    "allow.everyone.if.no.acl.found": "false",
  };
}

/** Arguments of Kafka's storage tool: also the first user has to be there before the broker starts. */
export const formatArguments = (properties: string, clusterId: string, admin: KafkaAdmin | undefined) => [
  "format",
  "--ignore-formatted",
  "--cluster-id",
  clusterId,
  "--config",
  properties,
  ...(admin === undefined ? [] : ["--add-scram", `SCRAM-SHA-256=[name=${admin.username},password=${admin.password}]`]),
];
