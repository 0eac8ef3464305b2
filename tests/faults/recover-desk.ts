import { randomBytes } from "node:crypto";
import { execFile, spawn } from "node:child_process";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { sha256Hex } from "@opsdesk/identity";
import { kafkaBus } from "@opsdesk/messaging/kafka-bus";
import { everyService } from "@opsdesk/opsdesk/services";
import { topicCatalogue } from "@opsdesk/schemas";
import { type KafkaServer, type PostgresServer, startKafka, startPostgres } from "@opsdesk/servers";
import { migrateServer } from "@opsdesk/service/migrate";
import { DeskProcess, freePort } from "./desk-process.ts";
import { entryOf } from "../../scripts/bundle.mjs";

/** A desk on servers whose database can be saved, and set back to what was saved. */
export interface RecoverDesk {
  readonly kafka: KafkaServer;
  readonly postgres: PostgresServer;
  readonly desk: DeskProcess;
  readonly installKey: string;
  /** Copies the database's files while the desk goes on without it. */
  save(): Promise<void>;
  /** The desk must not run. */
  restore(): Promise<void>;
  /** Runs `opsdesk` and answers its exit code and what it printed. */
  opsdesk(...words: readonly string[]): Promise<{ code: number | null; out: string; err: string }>;
  stop(): Promise<void>;
}

const execute = promisify(execFile);
const MAIN = entryOf();

/** All services in one process: what is looked at here is what each stores, not how they live apart. */
export async function startRecoverDesk(folder: string, crm: string, secret: string): Promise<RecoverDesk> {
  await mkdir(folder, { recursive: true });
  const [kafka, postgres] = await Promise.all([
    startKafka({ folder: join(folder, "kafka"), own: true }),
    startPostgres({ folder: join(folder, "postgres"), own: true }),
  ]);
  const stopServers = async (): Promise<void> => {
    await Promise.all([kafka.stop(), postgres.stop()]);
  };
  try {
    await migrateServer(postgres.url, await everyService(), {});
    const bus = kafkaBus({
      connection: { brokers: [...kafka.brokers] },
      name: "opsdesk.faults",
      lingerMs: 0,
      onTrouble: () => undefined,
    });
    await bus.ensureTopics(topicCatalogue.map(({ name, partitions }) => ({ name, partitions })));
    await bus.close();
  } catch (error) {
    await stopServers();
    throw error;
  }
  const installKey = `odk_${randomBytes(32).toString("base64url")}`;
  const environment = {
    OPSDESK_LANE: "local",
    DATABASE_URL: postgres.url,
    KAFKA_BROKERS: kafka.brokers.join(","),
    BLOB_URL: pathToFileURL(join(folder, "blobs")).href,
    OPSDESK_SECRETS_KEY: randomBytes(32).toString("hex"),
    OPSDESK_LINK_KEY: randomBytes(32).toString("hex"),
    OPSDESK_TENANT: "it-helpdesk",
    OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__CRM: secret,
    INSTALL_KEY_SHA256: sha256Hex(installKey),
    WEBHOOK_ALLOW_ADDRESSES: crm,
    LOG_LEVEL: "warn",
  };
  const desk = new DeskProcess(join(folder, "desk"), await freePort(), environment);
  await mkdir(desk.dataDir, { recursive: true });
  const data = join(folder, "postgres", "data");
  const saved = join(folder, "postgres", "saved");
  return {
    kafka,
    postgres,
    desk,
    installKey,
    async save() {
      await postgres.stop();
      // Its owner is another user where this one is root, which only `-a` keeps.
      await execute("cp", ["-a", data, saved]);
      await postgres.start();
    },
    async restore() {
      await postgres.stop();
      await rm(data, { recursive: true });
      await rename(saved, data);
      await postgres.start();
    },
    opsdesk: (...words) =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", MAIN, ...words], {
          env: {
            PATH: process.env["PATH"],
            HOME: process.env["HOME"],
            ...environment,
            DATABASE_OWNER_URL: postgres.url,
          },
        });
        const said = { out: "", err: "" };
        child.stdout.on("data", (chunk: Buffer) => (said.out += chunk.toString()));
        child.stderr.on("data", (chunk: Buffer) => (said.err += chunk.toString()));
        child.once("exit", (code) => resolve({ code, ...said }));
      }),
    async stop() {
      await desk.kill();
      await stopServers();
    },
  };
}
