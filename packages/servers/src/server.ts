/** A server that tests, benchmarks or a developer's stack talk to; where it comes from is decided at its start. */
export interface Server {
  /** Undefined where the server runs in a container or was started by somebody else. */
  readonly pid: number | undefined;
  stop(): Promise<void>;
  /** As a power cut ends it (SIGKILL); its data stays. */
  kill(): Promise<void>;
  /** Again after `kill` or `stop`, with the same address and data; resolves when it is ready. */
  start(): Promise<void>;
}

export interface KafkaServer extends Server {
  readonly brokers: readonly string[];
  /** Who may create users and rules; present with the authorizer. */
  readonly admin?: KafkaAdmin;
}

export interface KafkaAdmin {
  readonly mechanism: "scram-sha-256";
  readonly username: string;
  readonly password: string;
}

export interface PostgresServer extends Server {
  /** Of the superuser, and the database `postgres`. */
  readonly url: string;
}

export interface OpenSearchServer extends Server {
  readonly url: string;
}

export interface Neo4jServer extends Server {
  /** `bolt://…` */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

export interface RestateServer extends Server {
  /** Where invocations are sent. */
  readonly ingress: string;
  /** Where services are made known. */
  readonly admin: string;
}

export interface StartOptions {
  /** Where data, configuration and log of this instance are kept. */
  readonly folder: string;
  /** One of our own, which may be killed: what the environment names is passed over. */
  readonly own?: boolean;
}

export interface KafkaOptions extends StartOptions {
  /** SASL with SCRAM-SHA-256 and an authorizer that refuses everything but the admin until rules allow it. */
  readonly authorizer?: boolean;
}
