import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Receiver {
  readonly url: string;
  /** `host:port` */
  readonly address: string;
  stop(): void;
}

/** A CRM that takes every webhook at once. It verifies nothing: what is measured is the desk. */
export async function startReceiver(
  onEvent: (type: string, data: Record<string, unknown>) => void,
  port = 0,
): Promise<Receiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      response.writeHead(204).end();
      const { type, data } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as {
        type: string;
        data: Record<string, unknown>;
      };
      onEvent(type, data);
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  // It listens on TCP.
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `http://${address}/webhooks`, address, stop: () => void server.close() };
}
