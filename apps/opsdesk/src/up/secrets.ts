import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RejectedError } from "@opsdesk/errors";
import type { Environment } from "./settings.ts";

const NAMES = [
  "OPSDESK_SECRETS_KEY",
  "OPSDESK_LINK_KEY",
  "OPSDESK_INSTALL_KEY",
  "OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__CRM",
] as const;
type Name = (typeof NAMES)[number];
export type Secrets = Readonly<Record<Name, string>>;

export const SECRETS_FILE = "secrets.json";

/**
 * Secrets of the embedded lane: taken from the environment, else made at the first start and kept in the data
 * directory, readable by this user alone. The directory must be this process's own, or two first starts would each
 * make theirs. Throws RejectedError `secrets_unreadable`.
 */
export async function secretsOf(dataDir: string, environment: Environment): Promise<Secrets> {
  const file = join(dataDir, SECRETS_FILE);
  const kept = await readKept(file);
  const secrets = secretsFrom({ ...kept, ...given(environment) });
  const keep = Object.fromEntries(NAMES.filter((name) => !environment[name]).map((name) => [name, secrets[name]]));
  if (Object.keys(keep).some((name) => kept[name] === undefined))
    await writePrivately(file, `${JSON.stringify({ ...kept, ...keep }, null, 2)}\n`);
  return secrets;
}

/** Those of the environment; what is missing is made. */
export const secretsFrom = (environment: Environment): Secrets => ({
  OPSDESK_SECRETS_KEY: environment["OPSDESK_SECRETS_KEY"] || randomBytes(32).toString("hex"),
  OPSDESK_LINK_KEY: environment["OPSDESK_LINK_KEY"] || randomBytes(32).toString("hex"),
  OPSDESK_INSTALL_KEY: environment["OPSDESK_INSTALL_KEY"] || freshApiKey(),
  OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__CRM:
    environment["OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__CRM"] || `whsec_${randomBytes(32).toString("base64")}`,
});

export const freshApiKey = (): string => `odk_${randomBytes(32).toString("base64url")}`;

const given = (environment: Environment): Environment =>
  Object.fromEntries(NAMES.filter((name) => environment[name]).map((name) => [name, environment[name]]));

export const API_KEY_FILE = "api-key";

/** The API key of the sample desk's business, or undefined before the first start. */
export async function keptApiKey(dataDir: string): Promise<string | undefined> {
  return (await readIfThere(join(dataDir, API_KEY_FILE)))?.trim();
}

export const keepApiKey = (dataDir: string, key: string): Promise<void> =>
  writePrivately(join(dataDir, API_KEY_FILE), `${key}\n`);

async function readKept(path: string): Promise<Environment> {
  const text = await readIfThere(path);
  if (text === undefined) return {};
  try {
    const kept: unknown = JSON.parse(text);
    if (typeof kept === "object" && kept !== null && Object.values(kept).every((one) => typeof one === "string"))
      // Checked in the line above.
      return kept as Environment;
  } catch {
    // Said below. Not the parser's words: they quote the text.
  }
  throw unreadable(path, "it is not what was written there");
}

/** Only a missing file is missing: making new secrets over one that cannot be read would lose what the old ones sealed. */
async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT") return undefined;
    throw unreadable(path, error instanceof Error ? error.message : String(error));
  }
}

const unreadable = (path: string, why: string): RejectedError =>
  new RejectedError("secrets_unreadable", `${path}: ${why}`, {
    publicMessage: `${path} cannot be read (${why}). Put back the file that belongs to this data directory, or choose another directory with OPSDESK_DATA_DIR.`,
  });

/** Whole or not at all, and never readable by others in between. */
export async function writePrivately(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
