import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KafkaConnection } from "@opsdesk/messaging/kafka-connection";
import { kafkaBus } from "@opsdesk/messaging/kafka-bus";
import { type KafkaServer, startKafka } from "@opsdesk/servers";
import { topicCatalogue } from "@opsdesk/schemas";
import { Kafka, logLevel } from "kafkajs";
import { type Acl, planOf } from "./plan.ts";
import { applyToCluster, checkCluster } from "./cluster.ts";
import { connectOnce, adminOf } from "./client.ts";
import { Trial, type Verdict } from "./testing/try.ts";

const TENANTS = ["acme", "globex"];
const plan = planOf({ edgeTenants: TENANTS, outside: [], replicationFactor: 1 });
const passwords = new Map(plan.users.map((user) => [user.name, randomBytes(16).toString("hex")]));
const KEEP = { prune: false, dryRun: false };

let folder: string;
let server: KafkaServer;
let administrator: KafkaConnection;
const trials = new Map<string, Trial>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opsdesk-rights-"));
  server = await startKafka({ folder, authorizer: true });
  if (server.admin === undefined) throw new Error("this Kafka has no authorizer");
  administrator = { brokers: [...server.brokers], sasl: server.admin };
}, 180_000);

afterAll(async () => {
  for (const trial of trials.values()) await trial.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const granted = (user: string, operation: Acl["operation"], resource: Acl["resource"], name: string): boolean =>
  plan.acls.some(
    (acl) =>
      acl.user === user &&
      acl.operation === operation &&
      acl.resource === resource &&
      (acl.pattern === "literal" ? acl.name === name : name.startsWith(acl.name)),
  );

/** Who stands at the ends of a topic, by the catalogue alone and not by the plan that is under test. */
function catalogued(user: string, operation: "read" | "write" | "describe", name: string): boolean {
  if (operation === "describe") return catalogued(user, "read", name) || catalogued(user, "write", name);
  const tenant = TENANTS.find((one) => name.endsWith(`.${one}`));
  const shared = tenant === undefined ? name : name.slice(0, -tenant.length - 1);
  const topic = topicCatalogue.find((one) => one.name === shared);
  if (topic === undefined) throw new Error(`${name} is not in the catalogue`);
  const inward = shared === "enquiry.submitted.v1";
  if (user.startsWith("opsdesk.edge.")) return user === `opsdesk.edge.${tenant}` && (operation === "write") === inward;
  if (tenant !== undefined && (operation === "read") !== inward) return false;
  const party = user.replace("opsdesk.", "");
  return (operation === "read" ? topic.consumers : topic.producers).some((one) => one === party);
}

interface Cell {
  readonly user: string;
  readonly operation: string;
  readonly name: string;
  readonly expected: Verdict;
  readonly got: Verdict;
}

async function tried(
  cells: readonly {
    user: string;
    operation: string;
    name: string;
    expected: boolean;
    attempt: (trial: Trial) => Promise<Verdict>;
  }[],
): Promise<readonly Cell[]> {
  const results: Cell[] = [];
  for (const { user, operation, name, expected, attempt } of cells) {
    const trial = trials.get(user);
    if (trial === undefined) throw new Error(`${user} has not signed in`);
    results.push({ user, operation, name, expected: expected ? "allowed" : "denied", got: await attempt(trial) });
  }
  return results;
}

function told(what: string, cells: readonly Cell[]): readonly Cell[] {
  const wrong = cells.filter((cell) => cell.got !== cell.expected);
  const allowed = cells.filter((cell) => cell.expected === "allowed").length;
  process.stdout.write(
    `${what}: ${cells.length} cells tried, ${allowed} allowed, ${cells.length - allowed} denied, ${wrong.length} wrong\n`,
  );
  return wrong;
}

describe("a cluster that denies what no right allows", () => {
  it("is told what it lacks by a dry run, which changes nothing", async () => {
    const { made } = await applyToCluster(administrator, plan, passwords, { prune: false, dryRun: true });
    expect(made).toHaveLength(plan.topics.length + plan.users.length + plan.acls.length);
    expect(await checkCluster(administrator, plan, passwords)).toHaveLength(made.length);
  });

  it("makes no user, and nothing else, when a password is missing", async () => {
    await expect(applyToCluster(administrator, plan, new Map(), KEEP)).rejects.toMatchObject({
      code: "config_invalid",
    });
    expect(await checkCluster(administrator, plan, passwords)).toHaveLength(
      plan.topics.length + plan.users.length + plan.acls.length,
    );
  });

  it("becomes what the plan says, and a second run finds nothing to do", async () => {
    await applyToCluster(administrator, plan, passwords, KEEP);
    expect(await checkCluster(administrator, plan, passwords)).toEqual([]);
    expect(await applyToCluster(administrator, plan, passwords, KEEP)).toEqual({ made: [], left: [] });
  }, 120_000);

  it("lets every user sign in", async () => {
    for (const [user, password] of passwords) trials.set(user, await Trial.as(administrator, user, password));
    await expect(Trial.as(administrator, "opsdesk.ingest", "a wrong password")).rejects.toMatchObject({
      code: "kafka_unauthenticated",
    });
  });

  it("lets each read, write and describe exactly the topics that the catalogue says", async () => {
    const cells = plan.users.flatMap(({ name: user }) =>
      plan.topics.flatMap(({ name }) =>
        (["read", "write", "describe"] as const).map((operation) => ({
          user,
          operation,
          name,
          expected: catalogued(user, operation, name),
          attempt: (trial: Trial) => trial[operation](name),
        })),
      ),
    );
    expect(told("topics", await tried(cells))).toEqual([]);
  }, 120_000);

  it("lets each use its own consumer groups, with their projections and generations, and nobody else's", async () => {
    const groups = plan.users.flatMap(({ name }) => [name, `${name}.search`, `${name}@2`, `${name}x`, `${name}-old`]);
    // The first question makes the coordinators; only one that is allowed does.
    await trials.get("opsdesk.ingest")?.coordinator("opsdesk.ingest");
    const cells = plan.users.flatMap(({ name: user }) =>
      groups.flatMap((name) =>
        (
          [
            ["join", "read", (trial: Trial) => trial.join(name)],
            ["committed", "describe", (trial: Trial) => trial.committed(name)],
            ["coordinator", "describe", (trial: Trial) => trial.coordinator(name)],
          ] as const
        ).map(([operation, right, attempt]) => ({
          user,
          operation,
          name,
          expected: granted(user, right, "group", name),
          attempt,
        })),
      ),
    );
    expect(told("groups", await tried(cells))).toEqual([]);
  }, 120_000);

  it("keeps two tenants' outside parties apart on every edge topic, each with something it may do", async () => {
    const edges = plan.topics.filter(({ name }) => TENANTS.some((tenant) => name.endsWith(`.${tenant}`)));
    expect(edges).toHaveLength(14);
    const cells = TENANTS.flatMap((tenant) =>
      edges.flatMap(({ name }) =>
        (["read", "write"] as const).map((operation) => ({
          user: `opsdesk.edge.${tenant}`,
          operation,
          name,
          // Said again, not taken from the plan: they send enquiries and read what comes of them.
          expected: name.endsWith(`.${tenant}`) && (operation === "write") === name.startsWith("enquiry.submitted."),
          attempt: (trial: Trial) => trial[operation](name),
        })),
      ),
    );
    const results = await tried(cells);
    expect(told("edge topics", results)).toEqual([]);
    for (const { name } of edges) {
      const inner = plan.users.filter(
        ({ name: user }) =>
          !user.startsWith("opsdesk.edge.") &&
          (granted(user, "read", "topic", name) || granted(user, "write", "topic", name)),
      );
      expect(inner.length).toBeGreaterThan(0);
      expect(results.filter((cell) => cell.name === name && cell.got === "allowed")).toHaveLength(1);
    }
  }, 60_000);

  it("serves the services' own client: an idempotent producer and a group, and no more than that", async () => {
    const sasl = {
      mechanism: "scram-sha-256",
      username: "opsdesk.triage",
      password: passwords.get("opsdesk.triage") ?? "",
    } as const;
    const kafka = new Kafka({ ...administrator, sasl, logLevel: logLevel.NOTHING, retry: { retries: 3 } });
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false });
    const consumer = kafka.consumer({ groupId: "opsdesk.triage", maxWaitTimeInMs: 50 });
    const stranger = kafka.consumer({ groupId: "opsdesk.ingest", retry: { retries: 0 } });
    try {
      await producer.connect();
      const [sent] = await producer.send({ topic: "router.trained.v1", messages: [{ key: "k", value: "v" }] });
      expect(sent?.errorCode).toBe(0);
      await expect(producer.send({ topic: "ticket.created.v1", messages: [{ value: "v" }] })).rejects.toMatchObject({
        message: expect.stringMatching(/authoriz/i),
      });
      const taken = new Promise<string>((resolve) => {
        void consumer
          .connect()
          .then(() => consumer.subscribe({ topic: "desk.configured.v1", fromBeginning: true }))
          .then(() => consumer.run({ eachMessage: async ({ topic }) => resolve(topic) }));
      });
      expect(await taken).toBe("desk.configured.v1");
      await stranger.connect();
      await stranger.subscribe({ topic: "desk.configured.v1" });
      const crashed = new Promise<string>((resolve) => {
        stranger.on("consumer.crash", ({ payload }) => resolve(payload.error.name));
      });
      await stranger.run({ eachMessage: async () => undefined });
      expect(await crashed).toBe("KafkaJSGroupCoordinatorNotFound");
    } finally {
      await Promise.allSettled([producer.disconnect(), consumer.disconnect(), stranger.disconnect()]);
    }
  }, 60_000);

  it("is enough for all that a service's bus does: publish, consume, read from the beginning, tell its lag", async () => {
    const name = "opsdesk.ingest";
    const troubles: string[] = [];
    const bus = kafkaBus({
      connection: {
        ...administrator,
        sasl: { mechanism: "scram-sha-256", username: name, password: passwords.get(name) ?? "" },
      },
      name,
      lingerMs: 0,
      onTrouble: (message) => void troubles.push(message),
    });
    try {
      expect(await bus.reachable()).toBe(true);
      await bus.send([
        { topic: "enquiry.accepted.v1", key: "k", headers: {}, value: "shared" },
        { topic: "enquiry.accepted.v1.acme", key: "k", headers: {}, value: "copy" },
      ]);
      const topics = ["enquiry.submitted.v1", "enquiry.submitted.v1.acme", "enquiry.submitted.v1.globex"];
      const seen = new Set<string>();
      const subscription = await bus.subscribe({
        group: name,
        topics,
        from: "earliest",
        recordsMax: 100,
        onBatch: async (batch) => {
          seen.add(batch.topic);
          batch.commit((batch.records.at(-1)?.offset ?? 0) + 1);
        },
        onStopped: (error) => void troubles.push(String(error)),
      });
      // Every one of them holds what was written when rights were tried.
      while (!(await subscription.caughtUp())) await new Promise((resolve) => setTimeout(resolve, 50));
      expect([...seen].toSorted()).toEqual(topics);
      await subscription.stop();
      expect([...(await bus.lag(name, topics)).values()].map(({ records }) => records)).toEqual([0, 0, 0]);
      const read = [];
      for await (const record of bus.read({ topic: "enquiry.submitted.v1.acme", from: { offset: 0 } }))
        read.push(record.value);
      expect(read.length).toBeGreaterThan(0);
      expect(troubles).toEqual([]);
    } finally {
      await bus.close();
    }
  }, 60_000);

  it("is put right where it was changed by hand, and keeps what a person has to decide", async () => {
    const admin = adminOf(administrator);
    const socket = await connectOnce(administrator);
    try {
      await admin.incrementalAlterConfigs({
        resources: [
          {
            resourceType: 2,
            resourceName: "ticket.created.v1",
            configs: [
              { name: "retention.ms", configOperation: 0, value: "1000" },
              { name: "segment.ms", configOperation: 0, value: "3600000" },
            ],
          },
        ],
      });
      await admin.createAcls({
        creations: [
          {
            resourceType: 2,
            resourceName: "ticket.",
            resourcePatternType: 4,
            principal: "User:opsdesk.crm-old",
            host: "*",
            operation: 3,
            permissionType: 3,
          },
          {
            resourceType: 2,
            resourceName: "*",
            resourcePatternType: 3,
            principal: "User:opsdesk.triage",
            host: "*",
            operation: 2,
            permissionType: 3,
          },
        ],
      });
      await admin.createPartitions({
        topics: [{ name: "desk.configured.v1", count: 4, assignments: [{ brokerIds: [1] }] }],
      });
      const rotated = new Map(passwords).set("opsdesk.webhook", randomBytes(16).toString("hex"));

      const found = await checkCluster(administrator, plan, rotated);
      expect(found.map(({ kind }) => kind).toSorted()).toEqual([
        "refused",
        "remove_acl",
        "remove_user",
        "set_config",
        "set_password",
      ]);

      const { made, left } = await applyToCluster(administrator, plan, rotated, KEEP);
      expect(made).toHaveLength(3);
      expect(left.map(({ kind }) => kind).toSorted()).toEqual(["refused", "remove_user"]);
      await expect(
        Trial.as(administrator, "opsdesk.webhook", passwords.get("opsdesk.webhook") ?? ""),
      ).rejects.toMatchObject({ code: "kafka_unauthenticated" });
      await (await Trial.as(administrator, "opsdesk.webhook", rotated.get("opsdesk.webhook") ?? "")).close();
      // A setting that nobody plans is the operator's own.
      const [described] = await admin.describeConfigs({
        resources: [
          { resourceType: 2, resourceName: "ticket.created.v1", configurationKeys: ["segment.ms", "retention.ms"] },
        ],
      });
      expect(Object.fromEntries(described?.configs.map(({ name, value }) => [name, value]) ?? [])).toEqual({
        "segment.ms": "3600000",
        "retention.ms": "-1",
      });

      // A tenant leaves: its user and rights go when that is asked for, its topics stay.
      const smaller = planOf({ edgeTenants: ["acme"], outside: [], replicationFactor: 1 });
      await applyToCluster(administrator, smaller, rotated, { prune: true, dryRun: false });
      expect(await checkCluster(administrator, smaller, rotated)).toMatchObject([
        { kind: "refused", subject: "desk.configured.v1" },
      ]);
      await expect(
        Trial.as(administrator, "opsdesk.edge.globex", passwords.get("opsdesk.edge.globex") ?? ""),
      ).rejects.toMatchObject({ code: "kafka_unauthenticated" });
      expect(await admin.listTopics()).toContain("enquiry.submitted.v1.globex");
    } finally {
      await Promise.all([admin.close(), socket.close()]);
    }
  }, 60_000);
});
