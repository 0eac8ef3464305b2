import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import type { WorkerAnswer, WorkerOptions, WorkerRequest } from "./pglite-thread.ts";

/** The thread that Postgres runs in: bytes of its wire protocol in, bytes out, one request after another. */
const port = ownPort();
// Set by pglite-thread.ts, which starts this file.
const options = workerData as WorkerOptions;

const answer = (message: WorkerAnswer, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

// A killed process leaves no torn page, since the operating system ends the writes it has taken: images of whole pages
// in the log would only guard against a power cut, which this lane does not survive anyway (fsync is off).
const DURABILITY = ["full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "wal_init_zero=off"];
// A sample of 3,000 rows instead of 30,000: our plans are look-ups by key, and a sample reads every long text in it.
const STATISTICS = ["default_statistics_target=10"];

const pglite = await PGlite.create({
  extensions: { vector },
  startParams: [...PGlite.defaultStartParams, ...[...DURABILITY, ...STATISTICS].flatMap((setting) => ["-c", setting])],
  ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
  ...(options.snapshot === undefined ? {} : { loadDataDir: new Blob([options.snapshot]) }),
});

function ownPort(): NonNullable<typeof parentPort> {
  if (parentPort === null) throw new TypeError("pglite-worker.ts is started as a worker thread");
  return parentPort;
}

let role = "";

/** A simple query of the wire protocol: `Q`, length, text, zero. */
function simpleQuery(text: string): Uint8Array {
  const body = new TextEncoder().encode(`${text}\0`);
  const message = new Uint8Array(5 + body.length);
  message[0] = 0x51;
  new DataView(message.buffer).setUint32(1, 4 + body.length);
  message.set(body, 5);
  return message;
}

/** Role names are checked by whoever sets them (pglite.ts). */
async function switchRole(next: string): Promise<void> {
  const answer = await pglite.execProtocolRaw(simpleQuery(`set role ${next}`));
  // The first byte of an answer is its type; `E` is an error.
  if (answer[0] === 0x45) throw new TypeError(`there is no role ${next}`);
  role = next;
}

async function serve(request: WorkerRequest): Promise<void> {
  try {
    if (request.kind === "protocol") {
      if (request.role !== role) await switchRole(request.role);
      if (request.begin) await pglite.execProtocolRaw(simpleQuery("begin"));
      const bytes = await pglite.execProtocolRaw(request.bytes);
      // A copy of our own: what PGlite returns is a view of its memory.
      const copy = new Uint8Array(bytes);
      answer({ kind: "protocol", bytes: copy }, [copy.buffer]);
    } else if (request.kind === "dump") {
      const dump = await (await pglite.dumpDataDir("gzip")).arrayBuffer();
      answer({ kind: "dump", dump }, [dump]);
    } else {
      await pglite.close();
      answer({ kind: "closed" });
      port.close();
    }
  } catch (error) {
    answer({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}

let tail: Promise<void> = Promise.resolve();
port.on("message", (request: WorkerRequest) => {
  tail = tail.then(() => serve(request));
});
answer({ kind: "ready" });
