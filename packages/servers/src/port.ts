import { randomInt } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import getPort from "get-port";

/**
 * Below what systems give to outgoing connections: while a server is down, its port could go to any of them, even to
 * a client's attempt to reach that very port, which then talks to itself.
 */
const LOWEST = 20_000;
const HIGHEST = 29_999;
const CANDIDATES = 50;

/** A free port; the one that this instance had before, if it is still free. */
export async function portFor(folder: string, name: string): Promise<number> {
  const file = join(folder, `${name}.port`);
  const before = existsSync(file) ? [Number(readFileSync(file, "utf8"))] : [];
  // By chance and not in order: others that start at the same moment would try the same ones.
  const others = Array.from({ length: CANDIDATES }, () => randomInt(LOWEST, HIGHEST + 1));
  const port = await getPort({ port: [...before, ...others] });
  writeFileSync(file, String(port));
  return port;
}
