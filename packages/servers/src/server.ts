/** A server that a test or a command uses. One that somebody else started cannot be stopped or killed here. */
export interface Server {
  /** Ends it in order; its data stay. */
  stop(): Promise<void>;
  /** SIGKILL; its data stay. */
  kill(): Promise<void>;
  /** Again after `stop` or `kill`, at the same address; resolves when it serves. */
  start(): Promise<void>;
  pid(): number | undefined;
}

export interface KafkaServer extends Server {
  readonly brokers: readonly string[];
  /** Who may do everything, where the authorizer is on. */
  readonly admin?: {
    readonly mechanism: "scram-sha-256";
    readonly username: string;
    readonly password: string;
  };
}

export interface PostgresServer extends Server {
  /** Of a superuser. */
  readonly url: string;
}

export interface OpenSearchServer extends Server {
  readonly url: string;
}

export interface Neo4jServer extends Server {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** A server of the environment's: it is used and left as it is. */
export const givenServer: Server = {
  stop: () => Promise.resolve(),
  kill: () => Promise.reject(new Error("a server from the environment cannot be killed from here")),
  start: () => Promise.reject(new Error("a server from the environment cannot be started from here")),
  pid: () => undefined,
};
