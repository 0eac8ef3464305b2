import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Received } from "@opsdesk/opsdesk/receiver";
import { Webhook } from "standardwebhooks";

/** How the CRM treats what it is sent. */
type Manner = "well" | "failing" | "slow" | "dripping";

export interface Crm {
  readonly url: string;
  readonly address: string;
  manner: Manner;
  /** What was verified and taken, in the order of arrival. */
  received(): readonly Received[];
  refused(): number;
  stop(): Promise<void>;
}

const SLOW_MS = 6_000;
const DRIP_MS = 250;

/**
 * A consumer's endpoint that can be told to fail, to be slow, or to answer a byte at a time. What it took, and its
 * port, are in the folder: it goes on there.
 */
export async function startCrm(secret: string, folder: string): Promise<Crm> {
  const webhook = new Webhook(secret);
  const log = join(folder, "received.jsonl");
  const portFile = join(folder, "crm.port");
  const received: Received[] = existsSync(log)
    ? readFileSync(log, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Received)
    : [];
  let refused = 0;
  const crm = { manner: "well" as Manner };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const header = (name: string): string => String(request.headers[name] ?? "");
      const one = {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body: Buffer.concat(chunks).toString("utf8"),
      };
      try {
        webhook.verify(one.body, {
          "webhook-id": one.id,
          "webhook-timestamp": one.timestamp,
          "webhook-signature": one.signature,
        });
      } catch {
        refused += 1;
        response.writeHead(401).end();
        return;
      }
      if (crm.manner === "failing") return void response.writeHead(500).end("out of order");
      received.push(one);
      appendFileSync(log, `${JSON.stringify(one)}\n`);
      if (crm.manner === "slow") return void setTimeout(() => response.writeHead(200).end("ok"), SLOW_MS);
      response.writeHead(200, { "content-type": "text/plain" });
      if (crm.manner === "dripping") return drip(response);
      response.end("ok");
    });
  });
  const before = existsSync(portFile) ? Number(readFileSync(portFile, "utf8")) : 0;
  await new Promise<void>((resolve) => server.listen(before, "127.0.0.1", resolve));
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  writeFileSync(portFile, String(port));
  return Object.assign(crm, {
    url: `http://127.0.0.1:${port}/webhooks/opsdesk`,
    address: `127.0.0.1:${port}`,
    received: () => received,
    refused: () => refused,
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}

function drip(response: ServerResponse): void {
  let left = 400;
  const timer = setInterval(() => {
    left -= 1;
    if (left === 0 || response.destroyed) {
      clearInterval(timer);
      response.end();
    } else response.write(".");
  }, DRIP_MS);
}
