/**
 * Loaded into a process by `--import`: writes every connection it opens, every HTTP request it makes and every host
 * name it looks up to the file OUTBOUND_LOG, one a line, whichever library asks.
 */
import { subscribe } from "node:diagnostics_channel";
import { Socket as Datagrams } from "node:dgram";
import { appendFileSync } from "node:fs";
import { Socket } from "node:net";

const file = process.env["OUTBOUND_LOG"] ?? "";
const record = (what: string, where: string): void => {
  if (file !== "") appendFileSync(file, `${what} ${where}\n`);
};

interface Target {
  readonly path?: string;
  readonly host?: string;
  readonly port?: number | string;
}

/** `connect(options)`, `connect(port, host)`, `connect(path)`, or what node:net has already normalised. */
function target([first, second]: readonly unknown[]): string {
  const given = Array.isArray(first) ? (first[0] as unknown) : first;
  if (typeof given !== "object" || given === null)
    return `${typeof second === "string" ? second : "localhost"}:${String(given)}`;
  // Node documents these as the options of connect.
  const { host = "localhost", path, port = "" } = given as Target;
  return path ?? `${host}:${port}`;
}

/** Any function that is called as a method. */
type Method = (this: unknown, ...args: unknown[]) => unknown;

function watch(owner: object, name: string, note: (args: readonly unknown[]) => void): void {
  const original = Reflect.get(owner, name) as Method;
  Reflect.set(owner, name, function (this: unknown, ...args: unknown[]): unknown {
    note(args);
    return original.apply(this, args);
  });
}

watch(Socket.prototype, "connect", (args) => record("connect", target(args)));
watch(Datagrams.prototype, "send", () => record("datagram", "sent"));
// `fetch` and the undici package announce each request here, also those on a connection that is open already.
subscribe("undici:request:create", (message) => {
  const { request } = message as { request: { origin?: unknown; path?: unknown } };
  record("request", `${String(request.origin)}${String(request.path)}`);
});
subscribe("http.client.request.start", (message) => {
  const { request } = message as { request: { host?: unknown; path?: unknown } };
  record("request", `${String(request.host)}${String(request.path)}`);
});
