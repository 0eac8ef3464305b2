import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { client } from "@opsdesk/opsdesk/client";
import { type Receiver, startReceiver } from "@opsdesk/opsdesk/receiver";
import getPort from "get-port";
import { root as checkout } from "../../scripts/checkout.mjs";
import { ran } from "../integrate/cache.ts";
import { type Client, go, javascript, needKcat, newerLibrdkafka, python } from "../integrate/clients.ts";
import { eventually, start } from "../integrate/running.ts";
import { playOnStack } from "../stack/scenario.ts";
import { type BuiltFolder, buildFolder } from "./build-folder.ts";
import { ComposedDesk } from "./composed-desk.ts";

const SECRET = `whsec_${randomBytes(32).toString("base64")}`;

let target = "";
let built: BuiltFolder;
let receiver: Receiver;
let desk: ComposedDesk;

beforeAll(async () => {
  if (process.getuid?.() !== 0) throw new Error("This suite gives files another owner and must be run as root.");
  target = mkdtempSync(join(tmpdir(), "opsdesk-image-"));
  chmodSync(target, 0o755);
  built = buildFolder(checkout, target);
  receiver = await startReceiver({ port: 0, secret: SECRET, onReceived: () => Promise.resolve() });
  desk = new ComposedDesk({
    built,
    folder: target,
    env: { OPSDESK_TENANT: "it-helpdesk", WEBHOOK_ALLOW_ADDRESSES: receiver.address },
    extra: { webhook: { OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__CRM: SECRET } },
  });
  await desk.startServers();
}, 600_000);

afterAll(async () => {
  await desk.close();
  await receiver.stop();
  rmSync(target, { recursive: true, force: true });
}, 120_000);

const inShell = (script: string): string => {
  const [uid = Number.NaN, gid = Number.NaN] = built.user.split(":").map(Number);
  return spawnSync("sh", ["-c", script], { cwd: join(built.root, built.workdir), uid, gid, encoding: "utf8" }).stdout;
};

describe("the image's folder", () => {
  it("runs as a numbered user that cannot change what it runs", () => {
    expect(built.user).toBe("1000:1000");
    expect(inShell("id -u").trim()).toBe("1000");
    const tried = inShell("touch LICENSE 2>&1; touch services/triage/src/main.ts 2>&1; touch new-file 2>&1");
    expect(tried.match(/Permission denied/g)).toHaveLength(3);
    expect(inShell("find . -writable -not -type l | head")).toBe("");
  });

  it("may write to the blobs' folder", () => {
    const blobs = join(built.root, "var/lib/opsdesk/blobs");
    expect(inShell(`touch ${blobs}/one && rm ${blobs}/one && echo written`).trim()).toBe("written");
  });

  it("holds what runs and nothing of tests, tools or this checkout's own data", () => {
    const folder = join(built.root, built.workdir);
    const held =
      "LICENSE apps deploy desks node_modules package.json packages patches pnpm-lock.yaml pnpm-workspace.yaml schemas services";
    expect(readdirSync(folder).toSorted()).toEqual(held.split(" "));
    expect(inShell("find . -name '*.test.ts' -not -path '*/node_modules/*' | head")).toBe("");
    for (const tool of ["typescript", "jest", "turbo", "oxlint"])
      expect(existsSync(join(folder, "node_modules", tool))).toBe(false);
    expect(Number(inShell("du -sm .").split("\t")[0])).toBeLessThan(200);
  });
});

describe("the composed desk", () => {
  it("is migrated once, and a second time does nothing", () => {
    const first = desk.runOnce("migrate");
    expect(first).toContain("May log in:");
    for (const service of desk.services())
      expect(first).toContain(`${service === "safety-gate" ? "safety_gate" : service}_app`);
    expect(desk.runOnce("migrate")).toContain("Nothing to apply");
  }, 120_000);

  it("has its topics, users and rights made, and a second time does nothing", () => {
    expect(desk.runOnce("topics")).toContain("enquiry.submitted.v1");
    expect(desk.runOnce("topics")).toContain("Nothing to change");
  }, 120_000);

  it("starts every service and one gateway before them, and all become healthy", async () => {
    const services = desk.services();
    expect(services).toEqual(expect.arrayContaining(["ingest", "triage", "safety-gate", "webhook", "console"]));
    for (const service of services) desk.start(service);
    for (const service of services) await desk.healthy(service);
    desk.start("gateway");
    await desk.healthy("gateway", "/livez");
  }, 300_000);

  it("plays the reference scenario from the first mail to the verified webhook", async () => {
    const stack = {
      gateway: { url: desk.url("gateway"), stop: () => Promise.resolve() },
      installation: client(desk.url("gateway"), desk.variables["OPSDESK_INSTALL_KEY"] ?? ""),
    };
    const said: string[] = [];
    const complete = await playOnStack(stack, receiver, (line) => void said.push(line));
    if (!complete) throw new Error(said.join("\n"));
  }, 120_000);

  const as = (party: "UPSTREAM" | "CRM"): Record<string, string> => ({
    KAFKA_BROKERS: desk.brokers,
    KAFKA_USERNAME: `opsdesk.${party.toLowerCase()}`,
    KAFKA_PASSWORD: desk.variables[`${party}_KAFKA_SASL_PASSWORD`] ?? "",
  });

  const clients: readonly (readonly [string, () => Client])[] = [
    ["JavaScript", javascript],
    ["Python", python],
    ["Go", go],
  ];

  it.each(clients)(
    "takes an enquiry from a program in %s, which is told of the draft that waits for a person",
    async (language, install) => {
      const outside = install();
      const externalId = `${language}-1`;
      const { command, args } = outside.publish(externalId, "My Wi-Fi drops every day at 2 pm for ten minutes.");
      ran(command, args, { env: as("UPSTREAM") });
      // Sent again because its answer might have been lost: one enquiry.
      ran(command, args, { env: as("UPSTREAM") });
      const running = start(outside.consume(`opsdesk.crm.${language}`), as("CRM"));
      try {
        const line = await eventually(() => running.lines().find((one) => one.includes(externalId)));
        expect(JSON.parse(line)).toMatchObject({
          reference: expect.stringMatching(/^OD-\d+$/),
          externalId,
          owner: expect.any(String),
          draft: expect.any(String),
          consoleUrl: expect.stringContaining("/reviews/"),
        });
        expect(running.lines().filter((one) => one.includes(externalId))).toHaveLength(1);
      } finally {
        await running.stop();
      }
    },
    600_000,
  );

  it("needs nothing of ours outside: kcat sends, confluent-kafka reads the draft, standardwebhooks verifies the webhook", async () => {
    needKcat();
    const outside = python();
    const { KAFKA_BROKERS = "", KAFKA_PASSWORD = "", KAFKA_USERNAME = "" } = as("UPSTREAM");
    const externalId = "CRM-88213";
    const record = ["-t", "enquiry.submitted.v1", "-k", externalId, "-H", "content-type=application/cloudevents+json"];
    const login = {
      "sasl.mechanism": "SCRAM-SHA-256",
      "sasl.username": KAFKA_USERNAME,
      "sasl.password": KAFKA_PASSWORD,
    };
    const settings = { "topic.partitioner": "murmur2_random", "security.protocol": "SASL_PLAINTEXT", ...login };
    const options = Object.entries(settings).flatMap(([name, value]) => ["-X", `${name}=${value}`]);
    ran("kcat", ["-b", KAFKA_BROKERS, "-P", ...record, ...options, join(checkout, "docs/integrate/enquiry.json")], {
      env: newerLibrdkafka(),
    });

    const reading = start(outside.consume("opsdesk.crm.kcat"), as("CRM"));
    const port = await getPort();
    const verifying = start(outside.verify(), { PORT: String(port), WEBHOOK_SECRET: SECRET });
    try {
      const line = await eventually(() => reading.lines().find((one) => one.includes(externalId)));
      const { reference } = JSON.parse(line) as { reference: string };
      await verifying.said("listening");
      const sent = await eventually(() =>
        receiver.received().find(({ body }) => body.includes("ai.draft.review_required") && body.includes(reference)),
      );
      const deliver = async (body: string): Promise<number> => {
        const headers = {
          "webhook-id": sent.id,
          "webhook-timestamp": sent.timestamp,
          "webhook-signature": sent.signature,
        };
        return (await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body })).status;
      };
      expect(await deliver(sent.body.replace(reference, "OD-1"))).toBe(400);
      expect(await deliver(sent.body)).toBe(204);
      await eventually(() => verifying.lines().find((one) => one.includes(reference)));
    } finally {
      await reading.stop();
      await verifying.stop();
    }
  }, 600_000);

  it("ends every service in order when it is asked to", async () => {
    const names = ["gateway", ...desk.services()];
    const codes = await Promise.all(names.map(async (name) => [name, await desk.stop(name)] as const));
    expect(codes).toEqual(names.map((name) => [name, 0]));
    for (const name of desk.services()) expect(desk.isHealthy(name)).toBe(false);
  }, 120_000);

  it("can be made up for after a restore, with what its container is told and may", () => {
    expect(desk.runOnce("recover")).toContain("All that the broker has is in the slices again");
  }, 120_000);
});
