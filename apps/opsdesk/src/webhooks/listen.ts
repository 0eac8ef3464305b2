import { type IncomingMessage, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { RejectedError } from "@opsdesk/errors";
import { type Diagnosis, diagnose } from "./diagnose.ts";

export interface Heard extends Diagnosis {
  readonly at: string;
  readonly id: string;
  readonly body: string;
}

export interface Listener {
  readonly url: string;
  stop(): Promise<void>;
}

const BODY_BYTES_MAX = 1024 * 1024;

/** Takes webhooks on this machine, answers 200 to those that verify and 401 to the others, and tells of both. */
export async function listen(
  port: number,
  secret: string,
  onHeard: (heard: Heard) => Promise<void>,
): Promise<Listener> {
  const server = createServer((request, response) => {
    void (async () => {
      if (request.method !== "POST") return response.writeHead(405, { allow: "POST" }).end();
      const body = await bodyOf(request);
      if (body === undefined) return response.writeHead(413).end();
      const headers = new Map(
        Object.entries(request.headers).flatMap(([name, value]) =>
          typeof value === "string" ? [[name, value] as const] : [],
        ),
      );
      const diagnosis = diagnose({ body, headers }, secret, Date.now() / 1_000);
      await onHeard({ at: new Date().toISOString(), id: headers.get("webhook-id") ?? "", body, ...diagnosis });
      return diagnosis.verified
        ? response.writeHead(200, { "content-type": "text/plain" }).end("ok")
        : response
            .writeHead(401, { "content-type": "text/plain" })
            .end(diagnosis.findings.map(({ code }) => code).join(" "));
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const message = `Port ${port} cannot be listened on: ${cause.message}. Choose another with --port.`;
      reject(new RejectedError("port_in_use", message, { cause, publicMessage: message }));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  // A TCP server's address is never a string.
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}/`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
