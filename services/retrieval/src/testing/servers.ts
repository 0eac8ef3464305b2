import { createServer, connect, type AddressInfo, type Socket } from "node:net";

/** A way to a server that a test can cut, as if the server were killed, and open again. */
export interface Line {
  readonly port: number;
  cut(): Promise<void>;
  open(): Promise<void>;
}

export async function lineTo(host: string, port: number): Promise<Line> {
  const sockets = new Set<Socket>();
  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
  };
  const server = createServer((inbound) => {
    const outbound = track(connect(port, host));
    track(inbound).pipe(outbound).pipe(inbound);
  });
  const listen = (on: number) => new Promise<void>((resolve) => server.listen(on, "127.0.0.1", resolve));
  await listen(0);
  const own = (server.address() as AddressInfo).port;
  return {
    port: own,
    cut: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    open: () => listen(own),
  };
}
