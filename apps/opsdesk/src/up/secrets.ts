import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "./settings.ts";

const NAMES = ["OPSDESK_SECRETS_KEY", "OPSDESK_LINK_KEY", "OPSDESK_INSTALL_KEY", "OPSDESK_ENDPOINT_SECRET_CRM"] as const;
type Name = (typeof NAMES)[number];

const FILE = "secrets.json";

/**
 * Secrets of the embedded lane: taken from the environment, else made at the first start and kept in the data
 * directory, readable by this user alone.
 */
export async function secretsOf(dataDir: string, environment: Environment): Promise<Readonly<Record<Name, string>>> {
  await mkdir(dataDir, { recursive: true });
  const kept = await readKept(join(dataDir, FILE));
  const made: Record<string, string> = {};
  for (const name of NAMES) made[name] = environment[name] ?? kept[name] ?? fresh(name);
  if (NAMES.some((name) => environment[name] === undefined && kept[name] === undefined)) {
    const keep = Object.fromEntries(NAMES.filter((name) => environment[name] === undefined).map((name) => [name, made[name]]));
    await writePrivately(join(dataDir, FILE), `${JSON.stringify(keep, null, 2)}\n`);
  }
  // Every name was assigned above.
  return made as Record<Name, string>;
}

export const API_KEY_FILE = "api-key";

/** The API key of the sample desk's business, or undefined before the first start. */
export async function keptApiKey(dataDir: string): Promise<string | undefined> {
  const text = await readFile(join(dataDir, API_KEY_FILE), "utf8").catch(() => undefined);
  return text?.trim();
}

export const keepApiKey = (dataDir: string, key: string): Promise<void> => writePrivately(join(dataDir, API_KEY_FILE), `${key}\n`);

function fresh(name: Name): string {
  if (name === "OPSDESK_ENDPOINT_SECRET_CRM") return `whsec_${randomBytes(32).toString("base64")}`;
  if (name === "OPSDESK_INSTALL_KEY") return `odk_${randomBytes(32).toString("base64url")}`;
  return randomBytes(32).toString("hex");
}

async function readKept(path: string): Promise<Partial<Record<Name, string>>> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  // Written by this function alone.
  return text === undefined ? {} : (JSON.parse(text) as Partial<Record<Name, string>>);
}

/** Whole or not at all, and never readable by others in between. */
async function writePrivately(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
