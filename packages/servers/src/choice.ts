import { message } from "./message.ts";

/** One way to get a server. `undefined`: not here, and why is in `missing`; a failure ends the choice. */
export interface Way<T> {
  readonly name: "environment" | "docker" | "native";
  /** What is missing for this way, as a sentence for whoever has to install it; undefined when nothing is. */
  missing(): Promise<string | undefined>;
  start(): Promise<T>;
}

/**
 * The first way that is there. One that is there and fails is an error and not a reason to go on: a broken engine or
 * a wrong address would otherwise hide behind a server that nobody meant.
 */
export async function choose<T>(server: string, ways: readonly Way<T>[]): Promise<T> {
  const missing: string[] = [];
  for (const way of ways) {
    const lack = await way.missing();
    if (lack !== undefined) {
      missing.push(`  ${way.name}: ${lack}`);
      continue;
    }
    try {
      return await way.start();
    } catch (cause) {
      throw new Error(`${server} (${way.name}) did not start: ${message(cause)}`, { cause });
    }
  }
  throw new Error([`There is no way to start ${server} here. One of these is enough:`, ...missing].join("\n"));
}
