import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { startReceiver, type Receiver } from "@opsdesk/opsdesk/receiver";
import { temporaryFolder } from "@opsdesk/servers";
import { playOnStack } from "./scenario.ts";
import { startStack } from "./stack.ts";

/**
 * `npm run stack`: servers and services, each service a process of its own, until Ctrl-C. With `--scenario` it plays the
 * reference scenario, stops everything and ends with 0 only if all ten steps happened.
 */
const { values } = parseArgs({ options: { scenario: { type: "boolean" }, folder: { type: "string" } } });
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const startedAt = Date.now();
const folder = values.folder ?? temporaryFolder();

let receiver: Receiver | undefined;
const stack = await startStack({
  folder,
  say,
  async receiver(secret) {
    receiver = await startReceiver({ port: 0, secret, onReceived: () => Promise.resolve() });
    return receiver.address;
  },
});
say(`Ready ${((Date.now() - startedAt) / 1_000).toFixed(1)} s after the start. Logs: ${folder}`);
try {
  if (receiver === undefined) throw new TypeError("the stack runs without its receiver");
  if (values.scenario === true) {
    const complete = await playOnStack(stack, receiver, say);
    say(complete ? "All ten steps happened." : "Not all ten steps happened.");
    process.exitCode = complete ? 0 : 1;
  } else {
    say(`Installation key: ${stack.secrets.installKey}\nStop with Ctrl-C.`);
    await new Promise((resolve) => process.once("SIGINT", resolve));
  }
} finally {
  await stack.stop();
  await receiver?.stop();
  if (values.folder === undefined && process.exitCode === 0) rmSync(folder, { recursive: true, force: true });
}
process.exit();
