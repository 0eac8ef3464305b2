import { type ServerResponse, createServer } from "node:http";
import { type AddressInfo, type Socket, createServer as createTcpServer } from "node:net";
import { mayConnect, mayRegister } from "../decide/address.ts";
import { receiver } from "../webhook.fixture.ts";
import { parseAddress } from "./parse-address.ts";
import { type SenderOptions, undiciSender } from "./sender.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const reasonOf = (verdict: ReturnType<typeof mayRegister>) => (verdict.allowed ? undefined : verdict.reason);

/** With the service's own rules; `allowed` as an operator writes it. */
function sender(allowed: readonly string[], options: Partial<SenderOptions> = {}) {
  const set = new Set(allowed);
  const made = undiciSender({
    deadlineMs: 600,
    guard: {
      url: (url) => reasonOf(mayRegister(url, set, parseAddress)),
      address: (bytes, place) => reasonOf(mayConnect(bytes, place, set)),
    },
    ...options,
  });
  closers.push(() => made.close());
  return {
    send: (url: string, body = "{}") =>
      made.send(
        { endpointId: "whe_1", url, headers: { "content-type": "application/json", "webhook-id": "dlv_1" }, body },
        new AbortController().signal,
      ),
  };
}

async function serving(answer: (response: ServerResponse) => void) {
  const server = await receiver((_request, response) => answer(response));
  closers.push(() => server.close());
  return server;
}

describe("undiciSender", () => {
  it("sends the body byte for byte and answers with what came back", async () => {
    const server = await serving((response) =>
      response.writeHead(200, { "x-trace": "t1", "set-cookie": "a=b" }).end("thanks"),
    );
    const body = '{"text":"Grüße – 客户 😀","n":1.0}';
    const sent = await sender([server.address]).send(server.url, body);
    expect(sent).toMatchObject({
      kind: "answered",
      status: 200,
      body: "thanks",
      truncated: false,
      headers: { "x-trace": "t1" },
    });
    expect(sent).not.toHaveProperty("headers.set-cookie");
    expect(server.received).toMatchObject([{ body, headers: { "webhook-id": "dlv_1" } }]);
  });

  it.each([500, 503, 410, 404, 204])("answers with status %i as it is", async (status) => {
    const server = await serving((response) => response.writeHead(status, { "retry-after": "7" }).end());
    expect(await sender([server.address]).send(server.url)).toMatchObject({
      kind: "answered",
      status,
      headers: { "retry-after": "7" },
    });
  });

  it("does not follow a redirect, wherever it leads", async () => {
    const inner = await serving((response) => response.end("secret"));
    const server = await serving((response) => response.writeHead(307, { location: inner.url }).end());
    expect(await sender([server.address, inner.address]).send(server.url)).toMatchObject({
      kind: "answered",
      status: 307,
    });
    expect(inner.received).toEqual([]);
  });

  it("gives up when no headers come within the deadline", async () => {
    const server = await serving(() => undefined);
    const sent = await sender([server.address]).send(server.url);
    expect(sent).toMatchObject({ kind: "unanswered", code: "timed_out" });
    expect(sent.latencyMs).toBeLessThan(1_500);
  });

  it("gives up on a body that drips past the deadline, though its status was a success", async () => {
    const server = await serving((response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write("."), 50);
      response.on("close", () => clearInterval(drip));
    });
    const sent = await sender([server.address]).send(server.url);
    expect(sent).toMatchObject({ kind: "unanswered", code: "timed_out" });
    expect(sent.latencyMs).toBeLessThan(1_500);
  });

  it("keeps 16 KiB of a body without end, and reads no more of it", async () => {
    let written = 0;
    const server = await serving((response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write("x".repeat(65_536))) written += 65_536;
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    const sent = await sender([server.address]).send(server.url);
    expect(sent).toMatchObject({ kind: "answered", status: 200, truncated: true });
    expect(sent.kind === "answered" && sent.body.length).toBe(16_384);
    expect(written).toBeLessThan(50_000_000);
  });

  it("takes an answer that breaks off, or is not HTTP, for none", async () => {
    const broken = await serving((response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half");
      setTimeout(() => response.destroy(), 20);
    });
    expect(await sender([broken.address]).send(broken.url)).toMatchObject({
      kind: "unanswered",
      code: "connection_failed",
    });
    const sockets: Socket[] = [];
    const noise = createTcpServer((socket) => {
      sockets.push(socket.on("error", () => undefined));
      socket.write("SSH-2.0-OpenSSH\r\n");
    });
    await new Promise<void>((resolve) => noise.listen(0, "127.0.0.1", resolve));
    closers.push(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => noise.close(resolve));
    });
    const { port } = noise.address() as AddressInfo;
    expect(await sender([`127.0.0.1:${port}`]).send(`http://127.0.0.1:${port}/`)).toMatchObject({
      kind: "unanswered",
      code: "response_broken",
    });
  });

  it("says that nothing listens, and that a name is unknown", async () => {
    const server = await receiver();
    await server.close();
    expect(await sender([server.address]).send(server.url)).toMatchObject({
      kind: "unanswered",
      code: "connection_failed",
    });
    const unknown = sender([], { resolve: () => Promise.reject(new Error("ENOTFOUND")) });
    expect(await unknown.send("https://nowhere.example.com/")).toMatchObject({
      kind: "unanswered",
      code: "name_unresolved",
    });
  });

  it.each([
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://2130706433/",
    "https://0177.0.0.1/",
    "https://169.254.169.254/",
    "https://[64:ff9b::7f00:1]/",
  ])("connects to nothing for the literal %s, which no resolver is asked about", async (url) => {
    // The first check is left out: the connector alone must refuse.
    const refused = sender([], {
      guard: { url: () => undefined, address: (bytes, place) => reasonOf(mayConnect(bytes, place, new Set())) },
    });
    expect(await refused.send(url)).toMatchObject({ kind: "unanswered", code: "address_refused" });
  });

  it.each([["127.0.0.1"], ["10.0.0.5"], ["::1"], ["::ffff:127.0.0.1"], ["fd00::1"]])(
    "connects to nothing for a name that resolves to %s, even beside a public address",
    async (address) => {
      const server = await serving((response) => response.end("inside"));
      const family = address.includes(":") ? 6 : 4;
      const rebound = sender([], {
        guard: { url: () => undefined, address: (bytes, place) => reasonOf(mayConnect(bytes, place, new Set())) },
        resolve: () =>
          Promise.resolve([
            { address: "93.184.216.34", family: 4 },
            { address, family },
          ]),
      });
      expect(await rebound.send(`http://innocent.example.com:${server.port}/`)).toMatchObject({
        kind: "unanswered",
        code: "address_refused",
      });
      expect(server.received).toEqual([]);
    },
  );

  it("connects only to the address that it checked, and checks the far end again", async () => {
    const server = await serving((response) => response.end("inside"));
    let asked = 0;
    // What was fine when it was resolved is not when the connection stands.
    const guard = { url: () => undefined, address: () => ((asked += 1) > 1 ? "loopback" : undefined) };
    const sent = await sender([], {
      guard,
      resolve: () => Promise.resolve([{ address: "127.0.0.1", family: 4 }]),
    }).send(`http://innocent.example.com:${server.port}/`);
    expect(sent).toMatchObject({ kind: "unanswered", code: "address_refused" });
    expect(asked).toBe(2);
    expect(server.received).toEqual([]);
  });

  it("keeps a connection for the next request of an endpoint", async () => {
    const server = createServer((_request, response) => response.end("ok"));
    const connections = new Set<unknown>();
    server.on("connection", (socket) => connections.add(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    closers.push(() => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))));
    const { send } = sender([`127.0.0.1:${port}`]);
    for (let n = 0; n < 10; n += 1) expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ status: 200 });
    // A second one may be opened before the first has been seen to be free.
    expect(connections.size).toBeLessThanOrEqual(2);
  });

  it("rejects when the desk stops, so that nothing is recorded about the receiver", async () => {
    const server = await serving(() => undefined);
    const made = undiciSender({ deadlineMs: 5_000, guard: { url: () => undefined, address: () => undefined } });
    closers.push(() => made.close());
    await expect(
      made.send({ endpointId: "e", url: server.url, headers: {}, body: "{}" }, AbortSignal.timeout(50)),
    ).rejects.toThrow("timeout");
  });
});
