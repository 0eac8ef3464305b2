import { jest } from "@jest/globals";
import { untilAborted } from "./until-aborted.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

it("gives up work that does not heed its signal, and hears out work that does", async () => {
  const deadline = new AbortController();
  const deaf = untilAborted(deadline.signal, new Promise(() => undefined));
  const heeding = untilAborted(
    deadline.signal,
    new Promise((_, reject) => {
      deadline.signal.addEventListener("abort", () => setTimeout(() => reject(new Error("its own words")), 100));
    }),
  );
  const ended = Promise.allSettled([deaf, heeding]);
  deadline.abort();
  await jest.advanceTimersByTimeAsync(2_000);
  expect(await ended).toMatchObject([{ reason: { code: "job_timed_out" } }, { reason: { message: "its own words" } }]);
});

it("answers what the work came to", async () => {
  expect(await untilAborted(new AbortController().signal, "done")).toBe("done");
  expect(jest.getTimerCount()).toBe(0);
});
