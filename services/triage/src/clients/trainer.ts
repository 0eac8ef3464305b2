import { Worker } from "node:worker_threads";
import { RejectedError, TransientError } from "@opsdesk/errors";
import type { Trained, Trainer, TrainingRequest, WorkerReply } from "./training.ts";

const unavailable = (message: string, cause?: unknown): TransientError =>
  new TransientError("trainer_unavailable", message, { cause });

/** Trains in a thread of its own, one for each training. */
export const workerTrainer = (): Trainer => ({
  train: (request, signal) => inWorker(request, signal),
});

async function inWorker(request: TrainingRequest, signal: AbortSignal): Promise<Trained> {
  const worker = new Worker(new URL("./train-worker.ts", import.meta.url), { workerData: request });
  try {
    return await new Promise<Trained>((resolve, reject) => {
      worker.once("message", (reply: WorkerReply) => {
        if ("trained" in reply) resolve(reply.trained);
        else reject(new RejectedError(reply.refused.code, reply.refused.message));
      });
      worker.once("error", (error) => reject(error instanceof Error ? error : new Error(String(error))));
      worker.once("exit", (code) => reject(unavailable(`the training thread ended with ${code} before it was done`)));
      signal.addEventListener("abort", () => reject(unavailable("training took too long", signal.reason)), {
        once: true,
      });
    });
  } finally {
    await worker.terminate();
  }
}
