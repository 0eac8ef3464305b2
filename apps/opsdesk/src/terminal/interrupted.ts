/** Aborts at Ctrl-C or a request to stop, so that what a command has begun is brought to an end. */
export function untilInterrupted(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort());
  return stopping.signal;
}
