import { Duplex } from "node:stream";
import { Worker } from "node:worker_threads";
import { BugError } from "@opsdesk/errors";

export interface WorkerOptions {
  readonly dataDir: string | undefined;
  readonly snapshot: ArrayBuffer | undefined;
}

export type WorkerRequest =
  | { readonly kind: "protocol"; readonly bytes: Uint8Array; readonly role: string }
  | { readonly kind: "dump" }
  | { readonly kind: "close" };
export type WorkerAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "protocol"; readonly bytes: Uint8Array }
  | { readonly kind: "dump"; readonly dump: ArrayBuffer }
  | { readonly kind: "closed" }
  | { readonly kind: "failed"; readonly message: string };

/**
 * Postgres in a thread of its own: it shares no core with the services, and a long statement stops no timer.
 *
 * `stream` is what `pg` takes for a socket. `pg` corks the messages of one query, so a query crosses to the thread
 * and back once.
 */
export class PgliteThread {
  readonly #worker: Worker;
  readonly stream: Duplex;
  /**
   * The role that statements run in from now on; only to be changed by whoever holds the connection. The thread
   * switches when the next bytes arrive, which spares every change of hands a round trip.
   */
  role = "";
  #waiting: { kind: WorkerAnswer["kind"]; settle: (answer: WorkerAnswer) => void; fail: (error: Error) => void }[] = [];
  #ended: Error | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (answer: WorkerAnswer) => {
      const waiting = this.#waiting.shift();
      if (answer.kind === "failed") waiting?.fail(new BugError("postgres_failed", answer.message));
      else waiting?.settle(answer);
    });
    worker.on("error", (cause) => this.#end(new BugError("postgres_failed", "the embedded Postgres has failed", { cause })));
    worker.on("exit", () => this.#end(new BugError("postgres_failed", "the embedded Postgres has ended")));
    this.stream = this.#socket();
  }

  static async start(options: WorkerOptions): Promise<PgliteThread> {
    const worker = new Worker(new URL("./pglite-worker.ts", import.meta.url), { workerData: options, execArgv: ["--disable-warning=ExperimentalWarning"] });
    const thread = new PgliteThread(worker);
    await thread.#next("ready");
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
      this.#waiting.push({ kind, settle: (answer) => resolve(answer as Extract<WorkerAnswer, { kind: K }>), fail: reject });
    });
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const waiting of this.#waiting.splice(0)) waiting.fail(this.#ended);
    this.stream.destroy();
  }

  #socket(): Duplex {
    const forward = (bytes: Uint8Array, done: (error?: Error | null) => void): void => {
      this.#next("protocol").then(
        (answer) => {
          if (answer.bytes.byteLength > 0) socket.push(Buffer.from(answer.bytes.buffer, answer.bytes.byteOffset, answer.bytes.byteLength));
          done();
        },
        (error: Error) => done(error),
      );
      this.#send({ kind: "protocol", bytes, role: this.role });
    };
    const socket = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        forward(chunk, done);
      },
      writev(chunks, done) {
        forward(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done);
      },
    });
    // What `pg` calls on a socket and a stream does not have.
    return Object.assign(socket, {
      connect: () => void setImmediate(() => socket.emit("connect")),
      setNoDelay: () => socket,
      setKeepAlive: () => socket,
      ref: () => socket,
      unref: () => socket,
    });
  }
}
