import type { Logger } from "pino";

interface Said {
  readonly at: number;
  readonly since: number;
}

/** While a server is away, every partition of every topic finds that out again each second. */
const EVERY_MS = 10_000;

export type Warn = (code: string, message: string, error: unknown) => void;

/**
 * Logs a warning at once, and the same one again only ten seconds later, with how often it came in between. How often
 * something happens is what the metrics say.
 */
export function calmWarnings(log: Pick<Logger, "warn">, now: () => number = () => performance.now()): Warn {
  const said = new Map<string, Said>();
  return (code, message, error) => {
    const key = `${code}: ${message}`;
    const before = said.get(key);
    const isDue = before === undefined || now() - before.at >= EVERY_MS;
    said.set(key, isDue ? { at: now(), since: 0 } : { ...before, since: before.since + 1 });
    const repeated = before?.since ?? 0;
    if (isDue) log.warn({ code, err: error, ...(repeated > 0 && { repeated }) }, message);
  };
}
