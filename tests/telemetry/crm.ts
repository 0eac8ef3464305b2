import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

interface Delivered {
  readonly traceparent: string;
  readonly body: string;
}

/** What a CRM sees of a webhook: its headers and body. The first one is refused with words that nobody should log. */
export async function startCrm(refusal: string) {
  const delivered: Delivered[] = [];
  let asked = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      asked += 1;
      if (asked === 1) return response.writeHead(503, { "retry-after": "1" }).end(refusal);
      delivered.push({
        traceparent: String(request.headers["traceparent"]),
        body: Buffer.concat(chunks).toString("utf8"),
      });
      return response.writeHead(200).end("ok");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}/hooks/a-token-in-the-path`,
    delivered: delivered as readonly Delivered[],
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
