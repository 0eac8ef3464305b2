import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type KafkaServer, type PostgresServer, startKafka, startPostgres } from "@opsdesk/servers";
import getPort from "get-port";
import { root as checkout } from "../../scripts/checkout.mjs";
import type { BuiltFolder } from "./build-folder.ts";
import { type OurContainer, ourContainers, variablesFrom } from "./compose-containers.ts";

const READY_MS_MAX = 120_000;

interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
}

/** The containers of docker-compose.yml as processes, from the built folder, as its user, each told what compose would tell it. */
export class ComposedDesk {
  variables: Readonly<Record<string, string>>;
  readonly #built: BuiltFolder;
  readonly #folder: string;
  readonly #extra: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly #ports = new Map<string, number>();
  readonly #started = new Map<string, Started>();
  #servers: { readonly kafka: KafkaServer; readonly postgres: PostgresServer } | undefined;

  /** `env` is added to what `make-env` writes; `extra` stands for a container's `env_file`. */
  constructor(options: {
    readonly built: BuiltFolder;
    readonly folder: string;
    readonly env: Readonly<Record<string, string>>;
    readonly extra: Readonly<Record<string, Readonly<Record<string, string>>>>;
  }) {
    this.#built = options.built;
    this.#folder = options.folder;
    this.#extra = options.extra;
    const file = join(options.folder, ".env");
    spawnSync(process.execPath, [join(checkout, "deploy/make-env.mjs"), file]);
    this.variables = { ...variablesFrom(readFileSync(file, "utf8")), ...options.env };
  }

  get brokers(): string {
    return this.#servers?.kafka.brokers.join(",") ?? "";
  }

  /** Servers of its own: groups and topics have the names that they have in production. */
  async startServers(): Promise<void> {
    delete process.env["OPSDESK_TEST_DATABASE_OWNER_URL"];
    const [kafka, postgres] = await Promise.all([
      startKafka({ folder: join(this.#folder, "kafka"), authorizer: true }),
      startPostgres({ folder: join(this.#folder, "postgres") }),
    ]);
    this.#servers = { kafka, postgres };
    if (kafka.admin === undefined) throw new Error("the broker asks nobody who they are");
    this.variables = {
      ...this.variables,
      KAFKA_SASL_USERNAME: kafka.admin.username,
      KAFKA_SASL_PASSWORD: kafka.admin.password,
    };
    for (const { name } of this.#containers()) this.#ports.set(name, await getPort());
  }

  /** The services whose sources are in this checkout, by their containers' names. */
  services(): readonly string[] {
    return this.#containers()
      .filter(({ command: [program = ""] }) => program.startsWith("services/") && existsSync(join(checkout, program)))
      .map(({ name }) => name);
  }

  /** Runs a container that ends; throws what it said where it failed. */
  runOnce(name: string): string {
    const { status, stdout, stderr } = spawnSync(...this.#process(name));
    if (status === 0) return String(stdout);
    throw new Error(`${name}: exit code ${String(status)}\n${String(stdout)}${String(stderr)}`);
  }

  start(name: string): void {
    const child = spawn(...this.#process(name));
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (said += String(chunk)));
    this.#started.set(name, { child, said: () => said });
  }

  /** Until the image's own health check says so. */
  async healthy(name: string, ...args: readonly string[]): Promise<void> {
    const started = this.#started.get(name);
    const until = Date.now() + READY_MS_MAX;
    while (!this.isHealthy(name, ...args)) {
      if (started?.child.exitCode !== null || Date.now() > until)
        throw new Error(`${name} is not healthy:\n${started?.said() ?? "it was not started"}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  isHealthy(name: string, ...args: readonly string[]): boolean {
    const [command = "", ...rest] = this.#built.healthcheck;
    const [, , options] = this.#process(name);
    return spawnSync(command, [...rest, ...args], options).status === 0;
  }

  url(name: string): string {
    return `http://127.0.0.1:${String(this.#ports.get(name) ?? 0)}`;
  }

  /** Ends one as its engine would; answers its exit code. */
  async stop(name: string): Promise<number | null> {
    const child = this.#started.get(name)?.child;
    if (child === undefined) return null;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    }
    return child.exitCode;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#started.keys()].map((name) => this.stop(name)));
    await Promise.all([this.#servers?.kafka.kill(), this.#servers?.postgres.kill()]);
  }

  #containers(): readonly OurContainer[] {
    return ourContainers(checkout, this.variables);
  }

  /** As the image's user, with the image's variables and the container's, and no others. */
  #process(name: string): [string, string[], { cwd: string; uid: number; gid: number; env: Record<string, string> }] {
    const container = this.#containers().find((one) => one.name === name);
    if (container === undefined) throw new Error(`docker-compose.yml has no container ${name} of ours`);
    const [uid = Number.NaN, gid = Number.NaN] = this.#built.user.split(":").map(Number);
    const [program = "", ...entry] = this.#built.entrypoint;
    const here = (text: string): string => this.#here(text);
    const environment = { ...container.environment, ...this.#extra[name] };
    return [
      program,
      [...entry, ...container.command.map(here)],
      {
        cwd: join(this.#built.root, this.#built.workdir),
        uid,
        gid,
        env: {
          PATH: `${this.#built.root}/usr/local/bin:/usr/bin:/bin`,
          ...this.#built.environment,
          ...Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, here(value)])),
          PORT: String(this.#ports.get(name) ?? 0),
        },
      },
    ];
  }

  /** Names that only containers know, as addresses of this machine. */
  #here(text: string): string {
    const database = this.#servers === undefined ? undefined : new URL(this.#servers.postgres.url);
    return text
      .replace("postgres:5432/opsdesk", `${database?.host ?? ""}${database?.pathname ?? ""}`)
      .replace("redpanda:9092", this.brokers)
      .replace("file:///var/lib/", `file://${this.#built.root}/var/lib/`)
      .replace(/http:\/\/([a-z-]+):4100$/, (address, name: string) =>
        this.#ports.has(name) ? this.url(name) : address,
      );
  }
}
