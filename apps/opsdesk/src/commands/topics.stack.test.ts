import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { planOf } from "@opsdesk/kafka-admin";
import { type KafkaServer, startKafka } from "@opsdesk/servers";
import { run } from "../testing/program.ts";

let folder: string;
let server: KafkaServer;
let environment: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opsdesk-topics-"));
  server = await startKafka({ folder, authorizer: true });
  const { users } = planOf({ edgeTenants: ["acme"], outside: [] });
  environment = {
    KAFKA_BROKERS: server.brokers.join(","),
    KAFKA_SASL_USERNAME: server.admin?.username ?? "",
    KAFKA_SASL_PASSWORD: server.admin?.password ?? "",
    ...Object.fromEntries(users.map((user) => [user.passwordSetting, randomBytes(16).toString("hex")])),
  };
}, 180_000);
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const secrets = (): readonly string[] =>
  Object.entries(environment).flatMap(([name, value]) => (name.endsWith("_PASSWORD") ? [value] : []));

describe("topics", () => {
  it("goes from differences to agreement, changes nothing twice, and prints no password", async () => {
    const before = await run(["topics", "check", "--json"], environment);
    expect(before.code).toBe(1);
    expect(JSON.parse(before.out)).toMatchObject({ agrees: false });

    const dry = await run(["topics", "apply", "--dry-run"], environment);
    expect([dry.code, dry.out]).toEqual([0, expect.stringContaining("Would be changed:")]);
    expect((await run(["topics", "check"], environment)).code).toBe(1);

    const applied = await run(["topics", "apply"], environment);
    expect([applied.code, applied.err]).toEqual([0, ""]);
    expect(applied.out).toContain("create topic  ticket.created.v1");
    expect(await run(["topics", "apply"], environment)).toMatchObject({ code: 0, out: "Nothing to change.\n" });
    expect(await run(["topics", "check"], environment)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/The cluster agrees: \d+ topics, 8 users/),
    });

    const tenant = await run(["topics", "apply", "--tenants", "acme", "--json"], environment);
    const { made } = JSON.parse(tenant.out) as { made: readonly { kind: string; subject: string }[] };
    expect(made.filter(({ kind }) => kind === "create_topic")).toHaveLength(7);
    expect(made.filter(({ kind }) => kind === "create_user").map(({ subject }) => subject)).toEqual([
      "opsdesk.edge.acme",
    ]);
    for (const { out, err } of [before, dry, applied, tenant])
      for (const secret of secrets()) expect(out + err).not.toContain(secret);
  }, 240_000);

  it("says what is missing, who was refused, and that nobody answers", async () => {
    const { INGEST_KAFKA_SASL_PASSWORD: _, ...less } = environment;
    expect(await run(["topics", "apply", "--outside", "nobody"], environment)).toMatchObject({ code: 2 });
    expect(await run(["topics", "apply", "--outside", "crm"], less)).toMatchObject({
      code: 1,
      err: "config_invalid: CRM_KAFKA_SASL_PASSWORD must be set to make the user opsdesk.crm\n",
    });
    expect(await run(["topics", "check"], { ...environment, KAFKA_SASL_PASSWORD: "wrong" })).toMatchObject({
      code: 1,
      err: expect.stringContaining("kafka_unauthenticated: "),
    });
    expect(
      await run(["topics", "check"], {
        ...environment,
        KAFKA_SASL_USERNAME: "opsdesk.ingest",
        KAFKA_SASL_PASSWORD: environment["INGEST_KAFKA_SASL_PASSWORD"] ?? "",
      }),
    ).toMatchObject({ code: 1, err: expect.stringContaining("kafka_denied: ") });
    expect(await run(["topics", "check"], { KAFKA_BROKERS: "127.0.0.1:1" })).toMatchObject({
      code: 1,
      err: expect.stringContaining("kafka_unavailable: "),
    });
  }, 240_000);
});
