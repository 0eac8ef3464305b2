import { SingleBar } from "cli-progress";
import { note } from "./print.ts";

export interface Progress {
  /** `of` parts of the total are done; `detail` says what that means. */
  at(done: number, detail: string): void;
  end(): void;
}

const LINE_EVERY_MS = 10_000;

/** A bar on a terminal; elsewhere (a log, a pipe) a line now and then. Always on stderr. */
export function progress(what: string, total: number): Progress {
  return process.stderr.isTTY ? bar(what, total) : lines(what, total);
}

function bar(what: string, total: number): Progress {
  const shown = new SingleBar({
    format: `${what} {bar} {percentage}% {detail}`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
  });
  shown.start(Math.max(total, 1), 0, { detail: "" });
  return {
    at: (done, detail) => shown.update(done, { detail }),
    end: () => shown.stop(),
  };
}

function lines(what: string, total: number): Progress {
  let last = performance.now();
  return {
    at(done, detail) {
      if (performance.now() - last < LINE_EVERY_MS) return;
      last = performance.now();
      note(`${what} ${Math.floor((100 * done) / Math.max(total, 1))}% ${detail}`);
    },
    end: () => undefined,
  };
}
