import { readFile } from "node:fs/promises";
import { parentPort } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import type { OpenRequest, WorkerAnswer, WorkerRequest } from "./pglite-thread.ts";

/** The thread that Postgres runs in: bytes of its wire protocol in, bytes out, one request after another. */
const port = ownPort();

const answer = (message: WorkerAnswer, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

// A killed process leaves no torn page, since the operating system ends the writes it has taken: images of whole pages
// in the log would only guard against a power cut, which this lane does not survive anyway (fsync is off).
const DURABILITY = ["full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "wal_init_zero=off"];
// A sample of 3,000 rows instead of 30,000: our plans are look-ups by key, and a sample reads every long text in it.
const STATISTICS = ["default_statistics_target=10"];

// Read and compiled before anybody says what to open: whoever started this thread is busy with loading too.
const library = import.meta.resolve("@electric-sql/pglite");
const [pgliteWasmModule, initdbWasmModule, files] = await Promise.all([
  compiled("pglite.wasm"),
  compiled("initdb.wasm"),
  readFile(new URL("pglite.data", library)),
]);

async function compiled(file: string): Promise<WebAssembly.Module> {
  return await WebAssembly.compile(await readFile(new URL(file, library)));
}

const open = ({ dataDir, snapshot }: OpenRequest): Promise<PGlite> =>
  PGlite.create({
    extensions: { vector },
    pgliteWasmModule,
    initdbWasmModule,
    fsBundle: new Blob([files]),
    startParams: [
      ...PGlite.defaultStartParams,
      ...[...DURABILITY, ...STATISTICS].flatMap((setting) => ["-c", setting]),
    ],
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(snapshot === undefined ? {} : { loadDataDir: new Blob([snapshot]) }),
  });

function ownPort(): NonNullable<typeof parentPort> {
  if (parentPort === null) throw new TypeError("pglite-worker.ts is started as a worker thread");
  return parentPort;
}

let opened: PGlite | undefined;

/** `open` is the first request (pglite-thread.ts). */
function postgres(): PGlite {
  if (opened === undefined) throw new TypeError("no database has been opened");
  return opened;
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
  const answer = await postgres().execProtocolRaw(simpleQuery(`set role ${next}`));
  // The first byte of an answer is its type; `E` is an error.
  if (answer[0] === 0x45) throw new TypeError(`there is no role ${next}`);
  role = next;
}

async function serve(request: WorkerRequest): Promise<void> {
  try {
    if (request.kind === "open") {
      opened = await open(request);
      answer({ kind: "ready" });
    } else if (request.kind === "protocol") {
      if (request.role !== role) await switchRole(request.role);
      if (request.begin) await postgres().execProtocolRaw(simpleQuery("begin"));
      const bytes = await postgres().execProtocolRaw(request.bytes);
      // A copy of our own: what PGlite returns is a view of its memory.
      const copy = new Uint8Array(bytes);
      answer({ kind: "protocol", bytes: copy }, [copy.buffer]);
    } else if (request.kind === "dump") {
      const dump = await (await postgres().dumpDataDir("gzip")).arrayBuffer();
      answer({ kind: "dump", dump }, [dump]);
    } else {
      await postgres().close();
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
