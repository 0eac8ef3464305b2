import { Duplex } from "node:stream";
import { Worker } from "node:worker_threads";
import { BugError } from "@opsdesk/errors";

export interface OpenRequest {
  readonly kind: "open";
  readonly dataDir: string | undefined;
  readonly snapshot: ArrayBuffer | undefined;
}

export type WorkerRequest =
  | OpenRequest
  | { readonly kind: "protocol"; readonly bytes: Uint8Array; readonly role: string; readonly begin: boolean }
  | { readonly kind: "dump" }
  | { readonly kind: "close" };
export type WorkerAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "protocol"; readonly bytes: Uint8Array }
  | { readonly kind: "dump"; readonly dump: ArrayBuffer }
  | { readonly kind: "closed" }
  | { readonly kind: "failed"; readonly message: string };

/** What `pg` takes for a socket, and what its next bytes run as: the thread sees to both before them, without a round trip. */
export interface PgliteSocket extends Duplex {
  role: string;
  /** The next bytes are the first of a transaction. */
  begins: boolean;
  /** Told that the next bytes are on their way. */
  onSent: (() => void) | undefined;
}

/**
 * Postgres in a thread of its own: it shares no core with the services, and a long statement stops no timer.
 *
 * All sockets lead to one session. Each write is a whole exchange of the protocol (`pg` corks the messages of a query),
 * so queries of several clients may wait in the thread's queue, and Postgres need not wait for this thread in between.
 */
export class PgliteThread {
  readonly #worker: Worker;
  readonly #sockets: PgliteSocket[] = [];
  #waiting: { kind: WorkerAnswer["kind"]; settle: (answer: WorkerAnswer) => void; fail: (error: Error) => void }[] = [];
  #ended: Error | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (answer: WorkerAnswer) => {
      const waiting = this.#waiting.shift();
      if (answer.kind === "failed") waiting?.fail(new BugError("postgres_failed", answer.message));
      else waiting?.settle(answer);
    });
    worker.on("error", (cause) =>
      this.#end(new BugError("postgres_failed", "the embedded Postgres has failed", { cause })),
    );
    worker.on("exit", () => this.#end(new BugError("postgres_failed", "the embedded Postgres has ended")));
  }

  static #loading: PgliteThread | undefined;

  /** Loads Postgres in a thread that the next `open` takes, while this one does something else. */
  static prepare(): void {
    PgliteThread.#loading ??= PgliteThread.#load();
  }

  static #load(): PgliteThread {
    const worker = new Worker(new URL("./pglite-worker.ts", import.meta.url), {
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    return new PgliteThread(worker);
  }

  static async open(options: Omit<OpenRequest, "kind">): Promise<PgliteThread> {
    const thread = PgliteThread.#loading ?? PgliteThread.#load();
    PgliteThread.#loading = undefined;
    const answered = thread.#next("ready");
    thread.#send({ kind: "open", ...options });
    try {
      await answered;
    } catch (error) {
      await thread.#worker.terminate();
      throw error;
    }
    return thread;
  }

  async dump(): Promise<ArrayBuffer> {
    const answered = this.#next("dump");
    this.#send({ kind: "dump" });
    return (await answered).dump;
  }

  async close(): Promise<void> {
    const answered = this.#next("closed");
    this.#send({ kind: "close" });
    await answered;
    await this.#worker.terminate();
  }

  #send(request: WorkerRequest): void {
    this.#worker.postMessage(request);
  }

  #next<K extends WorkerAnswer["kind"]>(kind: K): Promise<Extract<WorkerAnswer, { kind: K }>> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended);
      // Answers come in the order of requests, so each has the kind that was asked for.
      this.#waiting.push({
        kind,
        settle: (answer) => resolve(answer as Extract<WorkerAnswer, { kind: K }>),
        fail: reject,
      });
    });
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const waiting of this.#waiting.splice(0)) waiting.fail(this.#ended);
    for (const socket of this.#sockets) socket.destroy();
  }

  socket(): PgliteSocket {
    const forward = (bytes: Uint8Array, done: (error?: Error | null) => void): void => {
      this.#next("protocol").then(
        (answer) => {
          if (answer.bytes.byteLength > 0)
            socket.push(Buffer.from(answer.bytes.buffer, answer.bytes.byteOffset, answer.bytes.byteLength));
          done();
        },
        (error: Error) => done(error),
      );
      this.#send({ kind: "protocol", bytes, role: socket.role, begin: socket.begins });
      socket.begins = false;
      socket.onSent?.();
      socket.onSent = undefined;
    };
    const duplex = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        forward(chunk, done);
      },
      writev(chunks, done) {
        forward(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done);
      },
    });
    // What `pg` calls on a socket and a stream does not have.
    const socket: PgliteSocket = Object.assign(duplex, {
      role: "",
      begins: false,
      onSent: undefined as (() => void) | undefined,
      connect: () => void setImmediate(() => duplex.emit("connect")),
      setNoDelay: () => duplex,
      setKeepAlive: () => duplex,
      ref: () => duplex,
      unref: () => duplex,
    });
    this.#sockets.push(socket);
    return socket;
  }
}
