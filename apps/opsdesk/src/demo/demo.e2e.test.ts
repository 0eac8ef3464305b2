import { readFile, readdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { client, type Client } from "../client/client.ts";
import { until } from "../client/until.ts";
import { type Running, freePort, run, runOn } from "../testing/program.ts";
import { storedEvents } from "../testing/stored-log.ts";

/** One data directory through its life, in the order of these tests: started, disturbed, stopped, started again. */
const START_MS = 240_000;
const RECORDER = new URL("../testing/record-outbound.ts", import.meta.url).href;
const STOP_MS_MAX = 5_000;

let folder: string;
let dataDir: string;
let ports: { readonly PORT: string; readonly OPSDESK_RECEIVER_PORT: string };
let environment: Readonly<Record<string, string>>;
let running: Running;
let desk: Client;
let output = "";

const elsewhere = async (more: Readonly<Record<string, string>> = {}) => ({
  OPSDESK_DATA_DIR: join(folder, "elsewhere"),
  PORT: String(await freePort()),
  OPSDESK_RECEIVER_PORT: String(await freePort()),
  ...more,
});

const outbound = async (): Promise<readonly string[]> =>
  (await readFile(join(folder, "outbound"), "utf8")).split("\n").filter((line) => line !== "");

const secretValues = async (): Promise<readonly string[]> => [
  ...Object.values(JSON.parse(await readFile(join(dataDir, "secrets.json"), "utf8")) as Record<string, string>),
  (await readFile(join(dataDir, "api-key"), "utf8")).trim(),
];

const submitted = (text: string): Promise<{ ticketId: string; reference: string }> =>
  desk.send("POST", "/v1/enquiries", { channel: "web", from: { name: "Bo Ek", email: "bo@example.com" }, text }, text);

const atRest = (): Promise<unknown> =>
  until("rest", 60, async () => {
    const { idle } = (await (await fetch(`${desk.url}/idlez`)).json()) as { idle: boolean };
    return idle ? idle : undefined;
  });

/** How many events of which type each tenant has. */
const counted = (events: readonly Envelope[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { tenantid, type } of events) counts[`${tenantid} ${type}`] = (counts[`${tenantid} ${type}`] ?? 0) + 1;
  return counts;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opsdesk-demo-"));
  dataDir = join(folder, "data");
  ports = { PORT: String(await freePort()), OPSDESK_RECEIVER_PORT: String(await freePort()) };
  environment = { OPSDESK_DATA_DIR: dataDir, ...ports };
  running = runOn(["up", "--demo"], {
    ...environment,
    LOG_LEVEL: "trace",
    OUTBOUND_LOG: join(folder, "outbound"),
    NODE_OPTIONS: `--import=${RECORDER}`,
  });
  await running.says("Serving at");
  output = running.output();
  desk = client(`http://127.0.0.1:${ports.PORT}`, (await readFile(join(dataDir, "api-key"), "utf8")).trim());
}, START_MS);

afterAll(async () => {
  if (running.child.exitCode === null) await running.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

describe("a first start", () => {
  it("prints ten steps that happened, with their artefacts, times and places", () => {
    const steps = output.split("\n").filter((line) => /^[✔✘]/u.test(line));
    expect(steps.map((line) => line.slice(0, 4))).toEqual(
      Array.from({ length: 10 }, (_, n) => `✔ ${String(n + 1).padStart(2)}`),
    );
    for (const step of steps) expect(step).toMatch(/ {2}\+[\d,]+ ms$/);
    for (const artefact of [
      /reference: OD-1025$/m,
      /owner: Priya Nair$/m,
      /categoryId: network$/m,
      /jobs: triage.ticket: succeeded, response.template_select: succeeded$/m,
      /citations: Wi-Fi drops playbook/m,
      /missingInformation:\n +- Which building are you in\?\n/m,
      /httpStatus: 200$/m,
      /actor: Priya Nair$/m,
      /calls: con_\w+$/m,
    ])
      expect(output).toMatch(artefact);
    expect(output).not.toMatch(/: *$\n(?! +- )/m);
    expect(output).toContain("signature was verified by the receiver");
    expect(output).toMatch(/All ten steps happened \(\d+\.\d s since start\)/);
    for (const place of [dataDir, "api-key", "secrets.json", join("demo", "webhook.json")])
      expect(output).toContain(place);
    expect(output).not.toContain("\u001b[");
  });

  it("keeps what is secret readable by its user alone", async () => {
    // Windows has no such modes.
    if (process.platform === "win32") return;
    for (const name of ["secrets.json", "api-key", join("demo", "webhook.json")])
      expect([name, ((await stat(join(dataDir, name))).mode & 0o777).toString(8)]).toEqual([name, "600"]);
  });

  it("has opened connections to its own receiver and to itself alone", async () => {
    const own = [`127.0.0.1:${ports.PORT}`, `127.0.0.1:${ports.OPSDESK_RECEIVER_PORT}`, "/"];
    const lines = await outbound();
    expect(lines).toContainEqual(`request http://127.0.0.1:${ports.OPSDESK_RECEIVER_PORT}/webhooks/opsdesk`);
    for (const line of lines)
      expect(own.some((one) => line.replace(/^\w+ (http:\/\/)?/, "").startsWith(one))).toBe(true);
  });
});

describe("while a desk is running", () => {
  it("a second process on its data directory is refused", async () => {
    const second = await run(["up"], await elsewhere({ OPSDESK_DATA_DIR: dataDir }));
    expect(second).toMatchObject({ code: 1, out: "" });
    expect(second.err).toMatch(
      new RegExp(`^data_directory_in_use: Another OpsDesk \\(process ${running.child.pid}\\) uses`),
    );
    // On the same ports as well, what is said is what matters most.
    expect((await run(["up", "--demo", "--exit"], environment)).err).toMatch(/^data_directory_in_use: /);
  });

  it("one that wants its port, or its receiver's, is refused before it opens anything, and can start elsewhere", async () => {
    const same = await run(["up"], await elsewhere({ PORT: ports.PORT }));
    expect(same).toMatchObject({ code: 1, out: "" });
    expect(same.err).toMatch(new RegExp(`^port_in_use: Port ${ports.PORT} is already in use.* PORT\\.`));
    const { OPSDESK_RECEIVER_PORT } = ports;
    const receiver = await run(["up", "--demo", "--exit"], await elsewhere({ OPSDESK_RECEIVER_PORT }));
    expect(receiver).toMatchObject({ code: 1, out: "" });
    expect(receiver.err).toMatch(new RegExp(`^port_in_use: Port ${OPSDESK_RECEIVER_PORT}.* OPSDESK_RECEIVER_PORT\\.`));
    // Neither a database nor a lock is left.
    expect(await readdir(join(folder, "elsewhere"))).toEqual(["secrets.json"]);
  });

  it("goes on unharmed", async () => {
    const { reference } = await submitted("The printer on floor 2 jams.");
    expect(reference).toBe("OD-1026");
    await until("disposition", 60, async () => {
      const story = await desk.get<{ gate: readonly unknown[] }>(`/v1/stories/${reference}`).catch(() => undefined);
      return story?.gate[0];
    });
  });
});

describe("the golden scenarios in the shadow", () => {
  it("all pass, and nothing leaves the process", async () => {
    await atRest();
    const before = (await outbound()).length;
    const webhook = await readFile(join(dataDir, "demo", "webhook.json"), "utf8");
    const { items: scenarios } = await desk.get<{ items: readonly { id: string }[] }>("/v1/evaluation/scenarios");
    expect(scenarios.length).toBeGreaterThanOrEqual(25);

    const { runId } = await desk.send<{ runId: string }>("POST", "/v1/evaluation/runs", {}, "golden");
    const done = await until("result", 120, async () => {
      const seen = await desk.get<Evaluated>(`/v1/evaluation/runs/${runId}`);
      return ["completed", "failed"].includes(seen.status) ? seen : undefined;
    });
    expect(done.results.filter(({ passed }) => passed !== true)).toEqual([]);
    expect(done).toMatchObject({ status: "completed", passed: scenarios.length, failure: null });
    expect(done.results).toHaveLength(scenarios.length);

    await atRest();
    expect((await outbound()).slice(before)).toEqual([]);
    expect(await readFile(join(dataDir, "demo", "webhook.json"), "utf8")).toBe(webhook);
  }, 150_000);
});

interface Evaluated {
  readonly status: string;
  readonly passed: number | null;
  readonly failure: string | null;
  readonly results: readonly { readonly scenarioId: string; readonly passed: boolean | null }[];
}

describe("a request to stop", () => {
  it("is followed within five seconds, also with a stream open, and answered with 0", async () => {
    const stream = await desk.open("/v1/events/stream", new AbortController().signal);
    expect(stream.status).toBe(200);
    const asked = performance.now();
    expect(await running.stop()).toBe(0);
    expect(performance.now() - asked).toBeLessThan(STOP_MS_MAX);
    await stream.body?.cancel().catch(() => undefined);
    expect((await readdir(dataDir)).filter((name) => name.startsWith(".lock"))).toEqual([]);
  });

  it("leaves a log in which nothing of the shadow was sent, and no secret anywhere", async () => {
    const events = await storedEvents(dataDir);
    const shadow = events.filter(({ tenantid }) => tenantid === "it-helpdesk~eval");
    expect(shadow.filter(({ type }) => type === "reply.sent").length).toBeGreaterThan(0);
    for (const { data, type } of shadow) if (type === "reply.sent") expect(data).toMatchObject({ carrier: "capture" });
    expect(shadow.filter(({ type }) => type.startsWith("webhook."))).toEqual([]);
    expect(events.filter(({ type }) => type === "webhook.delivered").length).toBeGreaterThan(0);

    const log = JSON.stringify(events);
    for (const secret of await secretValues()) {
      expect(secret.length).toBeGreaterThan(30);
      expect(running.output().includes(secret)).toBe(false);
      expect(log.includes(secret)).toBe(false);
      expect(log.includes(secret.replace("whsec_", ""))).toBe(false);
    }
  }, 60_000);
});

describe("a second start", () => {
  it(
    "tells the same ticket as already happened, verifies the stored webhook again and adds nothing",
    async () => {
      const before = counted(await storedEvents(dataDir));
      const { code, err, out } = await run(["up", "--demo", "--exit"], environment);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out).toContain("OD-1025 has already happened");
      expect(out.match(/^✔ .*already happened at \d\d:\d\d:\d\d\.\d{3}, \+[\d,]+ ms$/gmu)).toHaveLength(10);
      expect(/ticketId: (\w+)/.exec(out)?.[1]).toBe(/ticketId: (\w+)/.exec(output)?.[1]);
      expect(out).toContain("The stored webhook's signature was verified again.");
      expect(counted(await storedEvents(dataDir))).toEqual(before);
    },
    START_MS,
  );

  it(
    "fails, and says why, when the stored webhook was changed",
    async () => {
      const file = join(dataDir, "demo", "webhook.json");
      await writeFile(file, (await readFile(file, "utf8")).replace("OD-1025", "OD-1035"));
      const { code, out } = await run(["up", "--demo", "--exit"], environment);
      expect(out).toMatch(/^webhook_not_verified: .*webhook\.json does not carry a valid signature/m);
      expect(out).toContain("Not all ten steps happened.");
      expect(code).toBe(1);
    },
    START_MS,
  );
});
