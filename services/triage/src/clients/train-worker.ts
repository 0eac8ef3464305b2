import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { RejectedError } from "@opsdesk/errors";
import { trainAndMeasure } from "./train-router.ts";
import type { TrainingRequest, WorkerReply } from "./training.ts";

/** The thread that trains: seconds of arithmetic, which would hold up every ticket on the main thread. */
function reply(): WorkerReply {
  try {
    // Sent by trainer.ts, which is the only one to start this file.
    return { trained: trainAndMeasure(workerData as TrainingRequest) };
  } catch (error) {
    if (error instanceof RejectedError) return { refused: { code: error.code, message: error.message } };
    throw error;
  }
}

if (!isMainThread) parentPort?.postMessage(reply());
