import { join } from "node:path";
import { mkdirSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { client } from "@opsdesk/opsdesk/client";
import { applySampleDesk, createBusiness } from "@opsdesk/opsdesk/sample";
import { root } from "../../../scripts/checkout.mjs";
import { DeskProcess, freePort } from "../../faults/desk-process.ts";
import { cpuMsOfTree, rssMbOf } from "../cpu.ts";
import { type Desk, type DeskOptions, enquiryOf } from "./desk.ts";
import { profilingOptions } from "../profiling.ts";
import { startReceiver } from "./receiver.ts";

const REST_MS_MAX = 600_000;
const DISPOSED = new Set(["ai.draft.review_required", "ai.draft.auto_approved"]);

/**
 * One process with everything in it. Enquiries come by HTTP; a disposition is known when its webhook arrives, which is
 * later than when it was made.
 */
export async function openEmbeddedDesk({ folder, onDone, say, checkout, profileTo }: DeskOptions): Promise<Desk> {
  const receiver = await startReceiver((type, data) => {
    if (DISPOSED.has(type) && typeof data["externalId"] === "string") onDone(data["externalId"]);
  });
  const installKey = `odk_${randomBytes(24).toString("base64url")}`;
  const dataDir = join(folder, "data");
  mkdirSync(dataDir, { recursive: true });
  const environment = {
    OPSDESK_INSTALL_KEY: installKey,
    OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__CRM: `whsec_${randomBytes(32).toString("base64")}`,
    WEBHOOK_ALLOW_ADDRESSES: receiver.address,
    ...(profileTo === undefined ? {} : { NODE_OPTIONS: profilingOptions(profileTo).join(" ") }),
  };
  // A profile of the sources says whose work it was; one of the bundle does not.
  const from = checkout ?? (profileTo === undefined ? undefined : root);
  const main = from === undefined ? [] : [join(from, "apps", "opsdesk", "src", "main.ts")];
  const desk = new DeskProcess(dataDir, await freePort(), environment, ...main);
  await desk.start();
  const apiKey = await createBusiness(client(desk.url, installKey));
  const api = client(desk.url, apiKey);
  await applySampleDesk(api, receiver.url, say);
  return {
    async submit(tickets) {
      await Promise.all(
        tickets.map((ticket) => api.send("POST", "/v1/enquiries", { ...enquiryOf(ticket), source: "bench" })),
      );
    },
    pids: () => ({ desk: desk.pid }),
    cpuMs: () => ({ desk: cpuMsOfTree(desk.pid) ?? 0 }),
    memoryMb: () => ({ desk: rssMbOf(desk.pid) ?? 0 }),
    counts: () => Promise.resolve(undefined),
    rest: () => desk.idle(REST_MS_MAX),
    async restart() {
      await desk.stop();
      const begun = performance.now();
      await desk.start();
      return Math.round(performance.now() - begun);
    },
    async stop() {
      await desk.stop();
      receiver.stop();
    },
  };
}
