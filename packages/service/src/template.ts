import { cpSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { newId, sha256Hex } from "@opsdesk/identity";
import { busMigration } from "@opsdesk/messaging/log-bus";
import type { ServiceDefinition } from "./definition.ts";
import { migrationsOf } from "./host.ts";

/** What is made from this checkout and may be deleted at any time. */
const CACHE = new URL("../../../node_modules/.cache/opsdesk/", import.meta.url);

/**
 * Where the template of a new database is: one that these services have been started on and that holds no business.
 * A database is made from nothing in some seconds, and copied in a tenth of one. The name follows what the services
 * would migrate; whatever a newer library adds is migrated in the copy, as in every other database.
 */
export async function templateOf(definitions: readonly ServiceDefinition[]): Promise<string> {
  const migrations = await Promise.all(definitions.map(migrationsOf));
  const key = sha256Hex(JSON.stringify([busMigration, migrations])).slice(0, 16);
  return fileURLToPath(new URL(`database-${key}`, CACHE));
}

/** Copies a closed database to where another may begin; a copy that was cut short is never taken for one. */
export function copyDatabase(from: string, to: string): void {
  const aside = `${to}.${newId()}.tmp`;
  try {
    mkdirSync(dirname(to), { recursive: true });
    // At once: with some 2,000 small files the asynchronous copy takes ten times as long.
    cpSync(from, aside, { recursive: true });
    renameSync(aside, to);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}
