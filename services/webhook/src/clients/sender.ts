import { lookup } from "node:dns/promises";
import type { LookupFunction, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { callbackify } from "node:util";
import { Agent, buildConnector, request } from "undici";
import { parseAddress, parseConnected } from "./parse-address.ts";

export interface Outgoing {
  /** Connections are kept per endpoint. */
  readonly endpointId: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How many attempts there were before. */
  readonly resent?: number;
  /** What is handed on where nothing is traced. */
  readonly traceparent?: string | undefined;
}

type SendCode = "timed_out" | "address_refused" | "name_unresolved" | "connection_failed" | "response_broken";

/** What came back within the deadline, or why nothing did. A response that breaks off is no answer. */
export type Sent = { readonly latencyMs: number } & (
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      readonly truncated: boolean;
    }
  | { readonly kind: "unanswered"; readonly code: SendCode; readonly message: string }
);

export interface Sender {
  /** Rejects only when `signal` is aborted: whatever the other side does is an answer. */
  send(outgoing: Outgoing, signal: AbortSignal): Promise<Sent>;
  close(): Promise<void>;
}

/** Who may be called; each answers why not, or undefined. */
interface Guard {
  url(url: string): string | undefined;
  address(bytes: readonly number[], place: { host: string; port: number }): string | undefined;
}

export interface SenderOptions {
  readonly guard: Guard;
  /** For headers and body together. */
  readonly deadlineMs: number;
  readonly resolve?: (host: string) => Promise<readonly { address: string; family: number }[]>;
}

const BODY_BYTES_MAX = 16_384;
const HEADERS_MAX = 40;
const CONNECTIONS_MAX = 32;
const KEEP_ALIVE_MS = 30_000;
const ENDPOINTS_MAX = 500;

class Refused extends Error {
  readonly code: SendCode;
  constructor(code: SendCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Signed requests over undici: no redirects, no address that was not checked, no exchange longer than the deadline. */
export function undiciSender({
  guard,
  deadlineMs,
  resolve = (host) => lookup(host, { all: true }),
}: SenderOptions): Sender {
  const agents = new Map<string, Agent>();
  const agentOf = (endpointId: string): Agent => {
    const known = agents.get(endpointId);
    const agent =
      known ??
      new Agent({
        connect: checkedConnector(guard, deadlineMs, resolve),
        connections: CONNECTIONS_MAX,
        pipelining: 1,
        keepAliveTimeout: KEEP_ALIVE_MS,
        headersTimeout: deadlineMs,
        bodyTimeout: deadlineMs,
      });
    // Put at the end again: the first is the one that has been idle longest.
    agents.delete(endpointId);
    agents.set(endpointId, agent);
    const [oldest] = agents.keys();
    if (agents.size > ENDPOINTS_MAX && oldest !== undefined) {
      void agents.get(oldest)?.close();
      agents.delete(oldest);
    }
    return agent;
  };

  return {
    async send({ endpointId, url, headers, body }, signal) {
      const startedAt = performance.now();
      const latencyMs = (): number => Math.round(performance.now() - startedAt);
      const refusal = guard.url(url);
      if (refusal !== undefined) return { kind: "unanswered", code: "address_refused", message: refusal, latencyMs: 0 };
      const deadline = AbortSignal.timeout(deadlineMs);
      try {
        const response = await request(url, {
          method: "POST",
          headers,
          body,
          dispatcher: agentOf(endpointId),
          signal: AbortSignal.any([signal, deadline]),
        });
        const read = await readBody(response.body);
        return {
          kind: "answered",
          status: response.statusCode,
          headers: plain(response.headers),
          ...read,
          latencyMs: latencyMs(),
        };
      } catch (error) {
        signal.throwIfAborted();
        const { code, message } = deadline.aborted
          ? { code: "timed_out" as const, message: `No complete answer within ${String(deadlineMs)} ms.` }
          : reasonOf(error);
        return { kind: "unanswered", code, message, latencyMs: latencyMs() };
      }
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
      agents.clear();
    },
  };
}

/**
 * Resolves, checks every address, connects to what was checked and checks the far end again. A `lookup` alone would
 * not do: it is never asked about IP literals, and a name may resolve to something else between check and connection.
 */
function checkedConnector(
  guard: Guard,
  deadlineMs: number,
  resolve: NonNullable<SenderOptions["resolve"]>,
): buildConnector.connector {
  const open = async (options: buildConnector.Options): Promise<Connected> => {
    const host = options.hostname.includes(":") ? `[${options.hostname}]` : options.hostname;
    const place = { host, port: Number(options.port || (options.protocol === "https:" ? 443 : 80)) };
    const check = (bytes: readonly number[] | undefined): void => {
      const reason = bytes === undefined ? "not an address" : guard.address(bytes, place);
      if (reason !== undefined)
        throw new Refused("address_refused", `${host} leads to an address that may not be called: ${reason}.`);
    };
    const found = await addressesOf(options.hostname, resolve);
    for (const { address } of found) check(parseAddress(address));
    // Handed on to the socket; missing from the published type of 8.12.
    const checked: buildConnector.BuildOptions & { lookup: LookupFunction } = {
      timeout: deadlineMs,
      allowH2: false,
      lookup: onlyThese(found),
    };
    const connect = buildConnector(checked);
    const socket = await new Promise<Connected>((connected, failed) =>
      connect(options, (error, socket) => (error === null ? connected(socket) : failed(error))),
    );
    try {
      check(socket.remoteAddress === undefined ? undefined : parseConnected(socket.remoteAddress));
    } catch (refused) {
      socket.destroy();
      throw refused;
    }
    return socket;
  };
  // Node gives a failed call's callback one argument, undici wants two.
  return (options, callback) =>
    callbackify(open)(options, (error, socket) => (error === null ? callback(null, socket) : callback(error, null)));
}

type Connected = Socket | TLSSocket;

async function addressesOf(
  hostname: string,
  resolve: NonNullable<SenderOptions["resolve"]>,
): Promise<readonly { address: string; family: number }[]> {
  const literal = parseAddress(hostname);
  if (literal !== undefined) return [{ address: hostname, family: literal.length === 4 ? 4 : 6 }];
  const found = await resolve(hostname).catch(() => []);
  if (found.length === 0) throw new Refused("name_unresolved", `${hostname} cannot be resolved.`);
  return found;
}

/** A resolver that knows only addresses that have been checked. */
const onlyThese =
  (found: readonly { address: string; family: number }[]): LookupFunction =>
  (_host, options, callback) => {
    const [first] = found;
    if (options.all === true) callback(null, [...found]);
    else callback(null, first?.address ?? "", first?.family);
  };

async function readBody(
  body: AsyncIterable<Uint8Array> & { destroy(): unknown },
): Promise<{ body: string; truncated: boolean }> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    // Nobody needs the rest; reading it would let the other side decide how long this takes.
    if (bytes > BODY_BYTES_MAX) break;
  }
  const truncated = bytes > BODY_BYTES_MAX;
  if (truncated) body.destroy();
  // Postgres keeps no NUL in text.
  return {
    body: Buffer.concat(chunks).subarray(0, BODY_BYTES_MAX).toString("utf8").replaceAll("\u0000", "\uFFFD"),
    truncated,
  };
}

/** What may be kept: no cookies, and not more than a log needs. */
const plain = (headers: Readonly<Record<string, string | string[] | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name !== "set-cookie")
      .slice(0, HEADERS_MAX)
      .map(([name, value]) => [name, String(value).replaceAll("\u0000", "").slice(0, 1_000)]),
  );

function reasonOf(error: unknown): { code: SendCode; message: string } {
  if (error instanceof Refused) return { code: error.code, message: error.message };
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (/^UND_ERR_(HEADERS|BODY|CONNECT)_TIMEOUT$/.test(code))
    return { code: "timed_out", message: "No complete answer in time." };
  // The parser's own error has its code only now and then, its name always.
  const unreadable = error instanceof Error && error.name === "HTTPParserError";
  if (unreadable || code === "UND_ERR_HEADERS_OVERFLOW")
    return { code: "response_broken", message: "The answer cannot be read as HTTP." };
  if (code === "UND_ERR_SOCKET" || code === "ECONNRESET")
    return { code: "connection_failed", message: "The connection was closed before a complete answer." };
  return { code: "connection_failed", message: `No connection (${code === "" ? "unknown" : code}).` };
}
