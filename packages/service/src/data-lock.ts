import { createHash, randomUUID } from "node:crypto";
import { mkdtemp, readdir, realpath, rm, symlink, unlink } from "node:fs/promises";
import { type Server, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RejectedError } from "@opsdesk/errors";

export interface DataLock {
  readonly release: () => Promise<void>;
}

/**
 * Keeps a second process away from a data directory: two processes on one embedded Postgres lose rows in silence.
 *
 * The lock is a listening local socket, so the operating system lets go of it however its holder dies; a file with a
 * process id would outlive a kill. It lies in the directory itself, so that whoever reaches the directory, by whatever
 * path and with whatever temporary folder, meets the lock. Throws RejectedError `data_directory_in_use` and
 * `data_directory_unusable`.
 */
export const lockDataDirectory = async (folder: string): Promise<DataLock> =>
  process.platform === "win32" ? await lockPipe(folder) : await lockSockets(folder);

/**
 * Each process listens at a name of its own, and only then looks for others: of two, at least one sees the other.
 * Names are never used again, so one that nobody answers (its process was killed) may be removed by anyone, which a
 * shared name could not be without taking it from a process that has just got it.
 */
async function lockSockets(folder: string): Promise<DataLock> {
  const token = randomUUID();
  const mine = `${PREFIX}${token}`;
  let holds = false;
  const server = createServer((socket) =>
    socket.on("error", () => undefined).end(`${process.pid} ${token} ${holds ? "holds" : "wants"}`),
  );
  server.unref();
  const short = await shortPath(folder);
  const release = async (): Promise<void> => {
    await closed(server);
    await unlink(join(folder, mine)).catch(() => undefined);
    await short.remove();
  };
  try {
    await listening(server, join(short.path, mine)).catch((cause: unknown): never => {
      throw new RejectedError("data_directory_unusable", `no local socket in ${folder}`, {
        cause,
        publicMessage: `The data directory ${folder} cannot hold a local socket (${String(cause)}), which keeps a second process away. Choose one on a local disk with OPSDESK_DATA_DIR.`,
      });
    });
    for (const other of await readdir(folder)) {
      if (!other.startsWith(PREFIX) || other === mine) continue;
      const holder = await othersState(join(short.path, other), token);
      if (holder === "nobody") await unlink(join(folder, other)).catch(() => undefined);
      else if (holder !== undefined) throw taken(folder, holder);
    }
    // Somebody may have looked between our bind and our listen, and removed the name as that of a dead process.
    if ((await ask(join(short.path, mine)))?.token !== token) throw taken(folder, undefined);
    holds = true;
    return { release };
  } catch (error) {
    await release();
    throw error;
  }
}

const PREFIX = ".lock-";
const WAIT_MS = 25;

/**
 * Who is in our way: the id of a process, "nobody" where nobody answers, or undefined where the other has given way. Of
 * two that want it at once the smaller token goes on, and waits until the other has seen it.
 */
async function othersState(path: string, token: string): Promise<string | undefined> {
  let seen = false;
  for (;;) {
    const other = await ask(path);
    if (other === undefined) return seen ? undefined : "nobody";
    if (other.holds || other.token < token) return other.pid;
    seen = true;
    await sleep(WAIT_MS);
  }
}

/** A socket's path is limited to about 100 bytes, which a data directory's may exceed: then by way of a short link. */
async function shortPath(folder: string): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const real = await realpath(folder);
  if (Buffer.byteLength(join(real, PREFIX)) + UUID_LENGTH <= PATH_BYTES_MAX)
    return { path: real, remove: () => Promise.resolve() };
  const beside = await mkdtemp(join(tmpdir(), "opsdesk-"));
  await symlink(real, join(beside, "d"));
  return { path: join(beside, "d"), remove: () => rm(beside, { recursive: true, force: true }) };
}

const UUID_LENGTH = 36;
const PATH_BYTES_MAX = 100;

/** A named pipe goes with its process, and its name cannot be taken twice. */
async function lockPipe(folder: string): Promise<DataLock> {
  const name = createHash("sha256")
    .update(await realpath(folder))
    .digest("hex")
    .slice(0, 24);
  const path = `\\\\.\\pipe\\opsdesk-${name}`;
  const server = createServer((socket) => socket.on("error", () => undefined).end(`${process.pid} pipe holds`));
  server.unref();
  try {
    await listening(server, path);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "EADDRINUSE" || error.code === "EACCES"))
      throw taken(folder, (await ask(path))?.pid);
    throw error;
  }
  return { release: () => closed(server) };
}

const taken = (folder: string, pid: string | undefined) => {
  const by = pid === undefined ? "" : ` (process ${pid})`;
  return new RejectedError("data_directory_in_use", `${folder} is in use${by}`, {
    publicMessage: `Another OpsDesk${by} uses ${folder}. Stop it, or choose another folder with OPSDESK_DATA_DIR.`,
  });
};

const listening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });

const closed = (server: Server): Promise<void> => new Promise((resolve) => void server.close(() => resolve()));

interface Answer {
  readonly pid: string;
  readonly token: string;
  readonly holds: boolean;
}

const ANSWER_MS_MAX = 10_000;

/** Who listens there, or undefined where nobody does. A process that is stopped or too busy to answer still holds. */
const ask = (path: string): Promise<Answer | undefined> =>
  new Promise((resolve) => {
    let answer = "";
    let connected = false;
    const socket = connect(path, () => (connected = true));
    socket.setTimeout(ANSWER_MS_MAX, () => socket.destroy());
    socket.on("data", (chunk) => (answer += chunk.toString("utf8")));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      const [pid, token, state] = answer.split(" ");
      if (pid !== undefined && token !== undefined && state !== undefined)
        resolve({ pid, token, holds: state === "holds" });
      else resolve(connected ? { pid: "unknown", token: "", holds: true } : undefined);
    });
  });
