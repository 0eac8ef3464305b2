import { mkdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { RejectedError } from "@opsdesk/errors";
import { Webhook } from "standardwebhooks";
import { writePrivately } from "../up/secrets.ts";
import type { StorySummary } from "./scenario.ts";

/** One delivery as it came over the wire. */
export interface Received {
  readonly id: string;
  /** Seconds since the epoch, as signed. */
  readonly timestamp: string;
  readonly signature: string;
  readonly body: string;
}

export interface Receiver {
  readonly url: string;
  /** `host:port`, for the list of addresses that webhooks may reach. */
  readonly address: string;
  received(): readonly Received[];
  stop(): Promise<void>;
}

const BODY_BYTES_MAX = 1024 * 1024;

/** What a CRM does: takes webhooks over HTTP and believes only those that the Standard Webhooks library verifies. */
export async function startReceiver(options: {
  port: number;
  secret: string;
  onReceived: (one: Received) => Promise<void>;
}): Promise<Receiver> {
  const webhook = new Webhook(options.secret);
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const one = await read(request);
      try {
        webhook.verify(one.body, {
          "webhook-id": one.id,
          "webhook-timestamp": one.timestamp,
          "webhook-signature": one.signature,
        });
      } catch {
        response.writeHead(401).end("signature not verified");
        return;
      }
      received.push(one);
      await options.onReceived(one);
      response.writeHead(200, { "content-type": "text/plain" }).end("ok");
    })().catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === "EADDRINUSE"
          ? new RejectedError("port_in_use", `port ${options.port} is taken`, {
              cause,
              publicMessage: `Port ${options.port}, for the sample CRM, is already in use. Choose another with OPSDESK_RECEIVER_PORT.`,
            })
          : cause,
      ),
    );
    server.listen(options.port, "127.0.0.1", resolve);
  });
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/webhooks/opsdesk`,
    address: `127.0.0.1:${port}`,
    received: () => received,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function read(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES_MAX) throw new RejectedError("body_too_large", "a webhook of more than 1 MiB");
    chunks.push(chunk);
  }
  const header = (name: string): string => {
    const value = request.headers[name];
    return typeof value === "string" ? value : "";
  };
  return {
    id: header("webhook-id"),
    timestamp: header("webhook-timestamp"),
    signature: header("webhook-signature"),
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

/** Whether a stored delivery still carries the signature of this secret; its age does not matter. */
export function stillVerifies(secret: string, one: Received): boolean {
  const expected = new Webhook(secret).sign(one.id, new Date(Number(one.timestamp) * 1_000), one.body);
  return one.signature.split(" ").includes(expected);
}

/** Why a stored delivery is not the one that a story tells of, or undefined. */
export function doubtAbout(
  one: Received | "missing" | "unreadable",
  secret: string,
  story: Pick<StorySummary, "reference" | "steps">,
): string | undefined {
  if (one === "missing") return "is missing: there is no stored webhook to verify";
  if (one === "unreadable") return "is not a stored webhook";
  if (!stillVerifies(secret, one))
    return "does not carry a valid signature: its content was changed, or the secret was";
  const told = story.steps.some(({ artefacts }) => artefacts["deliveryId"] === one.id);
  return told ? undefined : `is of another delivery than the one that the story of ${story.reference} tells of`;
}

/** Whole or not at all: a kill in between leaves no half of it. */
export async function keepReceived(file: string, one: Received): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writePrivately(file, `${JSON.stringify(one, null, 2)}\n`);
}

export async function keptReceived(file: string): Promise<Received | "missing" | "unreadable"> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return "missing";
  try {
    const one = JSON.parse(text) as Partial<Record<keyof Received, unknown>> | null;
    const parts = [one?.id, one?.timestamp, one?.signature, one?.body];
    // All of its parts were looked at.
    return parts.every((part) => typeof part === "string") ? (one as Received) : "unreadable";
  } catch {
    return "unreadable";
  }
}
