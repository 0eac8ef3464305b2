/**
 * Ends a test process that no longer answers. A test's time limit cannot interrupt a loop that never yields, and one
 * such loop would hold the whole run for ever; killed, its suite is reported as failed and the others go on.
 */
import { Worker } from "node:worker_threads";

const SILENCE_SECONDS_MAX = 120;

const beat = new Int32Array(new SharedArrayBuffer(4));
setInterval(() => Atomics.add(beat, 0, 1), 1_000).unref();

const watch = `
  const { workerData } = require("node:worker_threads");
  const beat = new Int32Array(workerData.shared);
  let seen = -1, silent = 0;
  setInterval(() => {
    const now = Atomics.load(beat, 0);
    silent = now === seen ? silent + 1 : 0;
    seen = now;
    if (silent >= workerData.secondsMax) process.kill(process.pid, "SIGKILL");
  }, 1000);
`;
new Worker(watch, {
  eval: true,
  execArgv: [],
  workerData: {
    shared: beat.buffer,
    secondsMax: Number(process.env.OPSDESK_SILENCE_SECONDS_MAX ?? SILENCE_SECONDS_MAX),
  },
}).unref();
