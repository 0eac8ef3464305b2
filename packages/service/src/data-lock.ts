import { createHash, randomUUID } from "node:crypto";
import { realpath, unlink } from "node:fs/promises";
import { createServer, connect, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RejectedError } from "@opsdesk/errors";

/**
 * Keeps a second process away from a data directory: two processes on one embedded Postgres lose rows in silence.
 *
 * The lock is a listening local socket, so the operating system lets go of it however its holder dies; a file with a
 * process id would outlive a kill. Whoever finds a socket that nobody answers takes its place, and then asks itself
 * who answers there, should two have done so at once.
 */
export async function lockDataDirectory(folder: string): Promise<{ release(): Promise<void> }> {
  const name = createHash("sha256").update(await realpath(folder)).digest("hex").slice(0, 24);
  const path = process.platform === "win32" ? `\\\\.\\pipe\\opsdesk-${name}` : join(tmpdir(), `opsdesk-${name}.sock`);
  const token = randomUUID();
  const server = createServer((socket) => socket.end(`${process.pid} ${token}`));
  server.unref();

  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (await listens(server, path)) {
      const holder = await ask(path);
      if (holder?.token === token) return { release: () => new Promise((resolve) => server.close(() => resolve())) };
      throw taken(folder, holder?.pid);
    }
    const holder = await ask(path);
    if (holder !== undefined) throw taken(folder, holder.pid);
    // Nobody answers: its holder was killed. Removing the name frees it.
    await unlink(path).catch(() => undefined);
  }
  throw taken(folder, undefined);
}

const taken = (folder: string, pid: string | undefined) =>
  new RejectedError("data_directory_in_use", `${folder} is in use${pid === undefined ? "" : ` by process ${pid}`}`, {
    publicMessage: `Another OpsDesk${pid === undefined ? "" : ` (process ${pid})`} uses ${folder}. Stop it, or choose another folder with OPSDESK_DATA_DIR.`,
  });

const listens = (server: Server, path: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => (error.code === "EADDRINUSE" ? resolve(false) : reject(error));
    server.once("error", failed);
    server.listen(path, () => {
      server.off("error", failed);
      resolve(true);
    });
  });

const ask = (path: string): Promise<{ pid: string; token: string } | undefined> =>
  new Promise((resolve) => {
    let answer = "";
    const socket = connect(path);
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on("data", (chunk) => (answer += chunk.toString("utf8")));
    socket.on("error", () => resolve(undefined));
    socket.on("close", () => {
      const [pid, token] = answer.split(" ");
      resolve(pid === undefined || token === undefined ? undefined : { pid, token });
    });
  });
