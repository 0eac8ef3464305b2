import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@opsdesk/database";
import { sha256Hex } from "@opsdesk/identity";
import type { Bus } from "@opsdesk/messaging";
import { type Receiver, startReceiver } from "@opsdesk/opsdesk/receiver";
import { allServices } from "@opsdesk/opsdesk/services";
import { type RunningDesk, startDesk } from "@opsdesk/service/desk";
import { openEmbeddedLane } from "@opsdesk/service/embedded";
import pino from "pino";

export const INSTALL_KEY = `odk_${"in-process-".repeat(4)}`;
const secretOf = (business: string): string => `whsec_${Buffer.from(sha256Hex(business), "hex").toString("base64")}`;
const endpointVariable = (business: string): string =>
  `OPSDESK_ENDPOINT_SECRET_${business.toUpperCase().replaceAll("-", "_")}__CRM`;

/** A whole desk in this process, on the embedded lane, with everything that a test may look into. */
export interface InProcessDesk {
  readonly running: RunningDesk;
  readonly url: string;
  readonly bus: Bus;
  /** As the role that may read every slice. */
  readonly database: Database;
  readonly receivers: readonly Receiver[];
  /** Warnings and errors that the services have logged. */
  readonly errors: readonly string[];
  /** Waits until no service has anything in work. */
  idle(ms?: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts every service, and a webhook receiver for each business; the endpoint `crm` of each signs with its own secret. */
export async function startInProcess(businesses: readonly string[]): Promise<InProcessDesk> {
  const dataDir = await mkdtemp(join(tmpdir(), "opsdesk-in-process-"));
  const errors: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void errors.push(line) });
  const receivers: Receiver[] = [];
  for (const business of businesses)
    receivers.push(await startReceiver({ port: 0, secret: secretOf(business), onReceived: () => Promise.resolve() }));
  const environment = {
    PUBLIC_URL: "http://127.0.0.1:4100",
    INSTALL_KEY_SHA256: sha256Hex(INSTALL_KEY),
    OPSDESK_SECRETS_KEY: "secrets-".repeat(8),
    OPSDESK_LINK_KEY: "link-key-".repeat(8),
    ...Object.fromEntries(businesses.map((business) => [endpointVariable(business), secretOf(business)])),
    WEBHOOK_ALLOW_ADDRESSES: receivers.map((receiver) => receiver.address).join(","),
  };
  const lane = await openEmbeddedLane({ dataDir, services: allServices, environment, log, defaultTenant: undefined });
  const running = await startDesk(lane, allServices, { host: "127.0.0.1", port: 0, version: "test" });
  return {
    running,
    url: running.url,
    bus: lane.bus,
    database: lane.administrator,
    receivers,
    errors,
    async idle(ms = 30_000) {
      const until = performance.now() + ms;
      for (let calm = 0; calm < 2; await sleep(25)) {
        const states = await Promise.all(
          running.hosted.map(async (one) => [one.name, await one.runtime.idle()] as const),
        );
        const busy = states.filter(([, idle]) => !idle).map(([name]) => name);
        calm = busy.length === 0 ? calm + 1 : 0;
        if (performance.now() > until)
          throw new Error(
            `still busy after ${String(ms)} ms: ${busy.join(", ")}; ${[...new Set(errors.slice(-200).map((line) => line.replaceAll(/"time":\d+|"stack":"[^"]*"/g, "").slice(0, 400)))].slice(-5).join("\n")}`,
          );
      }
    },
    async stop() {
      await running.stop();
      await lane.close();
      await Promise.all(receivers.map((receiver) => receiver.stop()));
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
