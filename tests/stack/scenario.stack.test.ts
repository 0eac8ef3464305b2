import { type Receiver, startReceiver } from "@opsdesk/opsdesk/receiver";
import { temporaryFolder } from "@opsdesk/servers";
import { playOnStack } from "./scenario.ts";
import { isOk } from "./service-process.ts";
import { type Stack, startStack } from "./stack.ts";

let stack: Stack;
let receiver: Receiver | undefined;
const said: string[] = [];
beforeAll(async () => {
  stack = await startStack({
    folder: temporaryFolder(),
    ownServers: true,
    say: (line) => void said.push(line),
    async receiver(secret) {
      receiver = await startReceiver({ port: 0, secret, onReceived: () => Promise.resolve() });
      return receiver.address;
    },
  });
}, 600_000);
afterAll(async () => {
  await stack.stop();
  await receiver?.stop();
}, 120_000);

const probe = (service: string, path: string): Promise<boolean> => {
  const url = stack.services.get(service)?.url;
  if (url === undefined) throw new TypeError(`no service ${service}`);
  return isOk(`${url}${path}`);
};

async function until(what: () => Promise<boolean>, msMax: number): Promise<boolean> {
  const end = Date.now() + msMax;
  while (Date.now() < end) {
    if (await what()) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}

describe("every service as a process of its own", () => {
  it("plays the reference scenario over the broker, each with its own user and its own slice", async () => {
    if (receiver === undefined) throw new TypeError("the stack runs without its receiver");
    const complete = await playOnStack(stack, receiver, (line) => void said.push(line));
    if (!complete) throw new Error(said.join("\n"));
  }, 240_000);

  it("is not ready while the broker is down, stays live, and is ready again by itself", async () => {
    await stack.servers.kafka.kill();
    expect(await until(async () => !(await probe("triage", "/readyz")), 30_000)).toBe(true);
    // Longer than a loop may be silent before a restart is asked for.
    await new Promise((resolve) => setTimeout(resolve, 35_000));
    expect(await probe("triage", "/livez")).toBe(true);
    await stack.servers.kafka.start();
    expect(await until(() => probe("triage", "/readyz"), 120_000)).toBe(true);
  }, 300_000);

  it("is not ready while Postgres is down, stays live, and is ready again by itself", async () => {
    await stack.servers.postgres.kill();
    expect(await until(async () => !(await probe("triage", "/readyz")), 30_000)).toBe(true);
    expect(await probe("triage", "/livez")).toBe(true);
    await stack.servers.postgres.start();
    expect(await until(() => probe("triage", "/readyz"), 120_000)).toBe(true);
  }, 300_000);

  it("ends in order within its grace when it is asked to", async () => {
    const triage = stack.services.get("triage");
    const startedAt = Date.now();
    expect(await triage?.stop()).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(30_000);
    await triage?.start();
  }, 240_000);
});
