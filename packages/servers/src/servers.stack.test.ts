import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Kafka, type KafkaConfig, logLevel } from "kafkajs";
import neo4j from "neo4j-driver";
import { Client } from "pg";
import { type KafkaServer, type Server, startKafka, startNeo4j, startOpenSearch, startPostgres } from "./index.ts";
import { testDatabase, testKafka, testNeo4j, testOpenSearch } from "./suites.ts";

const START_MS = 180_000;

let folder: string;
const started: Server[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opsdesk-servers-"));
});
afterAll(async () => {
  await Promise.all(started.map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
}, START_MS);

/** One that this suite may kill. */
async function own<T extends Server>(server: Promise<T>): Promise<T> {
  started.push(await server);
  return server;
}

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function admin<T>(
  config: Omit<KafkaConfig, "logLevel">,
  work: (client: ReturnType<Kafka["admin"]>) => Promise<T>,
) {
  const client = new Kafka({ ...config, logLevel: logLevel.NOTHING }).admin();
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.disconnect();
  }
}

async function query(url: string, ...statements: readonly string[]): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    let rows: readonly unknown[] = [];
    for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

async function cypher(server: { url: string; user: string; password: string }, text: string): Promise<unknown> {
  const driver = neo4j.driver(server.url, neo4j.auth.basic(server.user, server.password), {
    disableLosslessIntegers: true,
  });
  try {
    const { records } = await driver.executeQuery(text);
    return records[0]?.get(0);
  } finally {
    await driver.close();
  }
}

describe("servers that a run shares", () => {
  test("Kafka answers", async () => {
    const { brokers, prefix } = testKafka();
    const topic = `${prefix}.first`;
    const topics = await admin({ brokers: [...brokers] }, async (client) => {
      await client.createTopics({ topics: [{ topic, numPartitions: 2 }] });
      return client.listTopics();
    });
    expect(topics).toContain(topic);
  });

  test("each suite has a database of its own, with vectors, and drops it", async () => {
    const [first, second] = await Promise.all([testDatabase(), testDatabase()]);
    await query(first.url, "create extension vector", "create table t (v vector(2))", "insert into t values ('[1,2]')");
    expect(await query(first.url, "select v <-> '[1,3]' as distance from t")).toEqual([{ distance: 1 }]);
    expect(await query(second.url, "select to_regclass('t') as t")).toEqual([{ t: null }]);
    await Promise.all([first.drop(), second.drop()]);
    await expect(query(first.url, "select 1")).rejects.toThrow("does not exist");
  });

  test("OpenSearch answers", async () => {
    const { url, prefix } = testOpenSearch();
    const created = await fetch(`${url}/${prefix}-tickets`, { method: "PUT" });
    expect(created.status).toBe(200);
    const health = (await (await fetch(`${url}/_cluster/health`)).json()) as { status: string };
    expect(["green", "yellow"]).toContain(health.status);
  });

  test("Neo4j answers", async () => {
    expect(await cypher(testNeo4j(), "RETURN 1")).toBe(1);
  });
});

describe("a server of a suite's own is killed and comes back with its address and data", () => {
  test(
    "Kafka",
    async () => {
      const server = await own(startKafka({ folder: join(folder, "kafka"), own: true }));
      const config = { brokers: [...server.brokers] };
      await admin(config, (client) => client.createTopics({ topics: [{ topic: "kept" }] }));
      await server.kill();
      await server.start();
      expect(await admin(config, (client) => client.listTopics())).toContain("kept");
      await server.stop();
      await expect(admin({ ...config, retry: { retries: 0 } }, (client) => client.listTopics())).rejects.toThrow(
        "ECONNREFUSED",
      );
    },
    START_MS,
  );

  test(
    "Postgres",
    async () => {
      const server = await own(startPostgres({ folder: join(folder, "postgres"), own: true }));
      await query(server.url, "create table kept (n int)", "insert into kept values (7)");
      await server.kill();
      await expect(query(server.url, "select 1")).rejects.toThrow("ECONNREFUSED");
      await server.start();
      expect(await query(server.url, "select n from kept")).toEqual([{ n: 7 }]);
      expect(await query(server.url, "show fsync")).toEqual([{ fsync: "on" }]);
      await server.stop();
      await server.start();
      expect(await query(server.url, "select n from kept")).toEqual([{ n: 7 }]);
    },
    START_MS,
  );

  test(
    "OpenSearch",
    async () => {
      const server = await own(startOpenSearch({ folder: join(folder, "opensearch"), own: true }));
      const headers = { "content-type": "application/json" };
      await fetch(`${server.url}/kept`, { method: "PUT" });
      await fetch(`${server.url}/kept/_doc/1`, { method: "PUT", headers, body: '{"n":7}' });
      await server.kill();
      await server.start();
      const found = (await (await fetch(`${server.url}/kept/_doc/1`)).json()) as { _source: unknown };
      expect(found._source).toEqual({ n: 7 });
    },
    START_MS,
  );

  test(
    "Neo4j",
    async () => {
      const server = await own(startNeo4j({ folder: join(folder, "neo4j"), own: true }));
      await cypher(server, "CREATE (:Kept {n: 7})");
      await server.kill();
      await server.start();
      expect(await cypher(server, "MATCH (k:Kept) RETURN k.n")).toBe(7);
    },
    START_MS,
  );
});

test(
  "a server ends with the process that started it, even when that is killed",
  async () => {
    const index = new URL("index.ts", import.meta.url).href;
    const program = `
      const { startPostgres } = await import(${JSON.stringify(index)});
      const server = await startPostgres({ folder: process.argv[1], own: true });
      console.log(server.pid ?? "none");
      setInterval(() => undefined, 1000);
    `;
    const parent = spawn(process.execPath, ["--input-type=module", "--eval", program, join(folder, "orphan")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = Number(
      await new Promise<string>((resolve) => parent.stdout.once("data", (data) => resolve(String(data)))),
    );
    // In a container there is no process of ours to look at.
    if (Number.isNaN(pid)) {
      parent.kill("SIGKILL");
      return;
    }
    expect(isRunning(pid)).toBe(true);
    parent.kill("SIGKILL");
    for (let tries = 0; tries < 100 && isRunning(pid); tries += 1) await sleep(100);
    expect(isRunning(pid)).toBe(false);
  },
  START_MS,
);

describe("Kafka with the authorizer", () => {
  let server: KafkaServer;
  const as = (username: string, password: string): KafkaConfig => ({
    brokers: [...server.brokers],
    retry: { retries: 0 },
    sasl: { mechanism: "scram-sha-256", username, password },
  });
  beforeAll(async () => {
    server = await own(startKafka({ folder: join(folder, "guarded"), authorizer: true }));
  }, START_MS);

  test(
    "lets the admin in, before and after a kill",
    async () => {
      const { username, password } = server.admin!;
      const config = as(username, password);
      await admin(config, (client) => client.createTopics({ topics: [{ topic: "kept" }] }));
      await server.kill();
      await server.start();
      expect(await admin(config, (client) => client.listTopics())).toContain("kept");
    },
    START_MS,
  );

  test("refuses strangers and those without a password", async () => {
    await expect(admin(as("stranger", "guess"), (client) => client.listTopics())).rejects.toThrow(
      "Authentication failed",
    );
    const nameless = { brokers: [...server.brokers], retry: { retries: 0 }, requestTimeout: 2_000 };
    await expect(admin(nameless, (client) => client.listTopics())).rejects.toThrow(/^(?!$)/);
  });
});
