import { setTimeout as sleep } from "node:timers/promises";
import { type Read, identifier, sql } from "@opsdesk/database";
import { RejectedError, TransientError } from "@opsdesk/errors";
import type { KafkaBus } from "@opsdesk/messaging/kafka-bus";
import { topicsOfService } from "@opsdesk/schemas";
import type { Logger } from "pino";
import type { ServiceDefinition } from "./definition.ts";
import { migrationsOf } from "./host.ts";

type Slice = Pick<ServiceDefinition, "name" | "schema" | "migrations">;

const START_MS_MAX = 60_000;

/** Asks until a server that is still starting answers, for a minute. */
async function whenAnswering<T>(ask: () => Promise<T>, log: Logger): Promise<T> {
  const end = Date.now() + START_MS_MAX;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof TransientError) || Date.now() > end) throw error;
      log.warn({ code: error.code }, "what this service stands on does not answer yet");
      await sleep(1_000);
    }
  }
}

/** A service works on a slice that its owner has migrated, and says which command does that. */
export async function expectMigrated(read: Read, definition: Slice, log: Logger): Promise<void> {
  const wanted = (await migrationsOf(definition)).map((migration) => migration.name);
  const applied = await whenAnswering(
    () => read.query<{ name: string }>(sql`select name from ${identifier(definition.schema)}.migrations`),
    log,
  ).catch((error: unknown) => {
    throw error instanceof TransientError ? error : notMigrated(definition, String(error));
  });
  const missing = wanted.filter((name) => !applied.some((row) => row.name === name));
  if (missing.length > 0) throw notMigrated(definition, `${missing.join(", ")} not applied`);
}

const notMigrated = ({ name, schema }: Slice, why: string): RejectedError =>
  new RejectedError("not_migrated", `${name}: ${why}`, {
    publicMessage: `The slice ${schema} is not ready for this version (${why}). Run \`opsdesk migrate\` with DATABASE_OWNER_URL, then start again.`,
  });

/**
 * Every topic that a service reads or writes is there before it begins: one that cannot be written would hold up all
 * that the service publishes, behind the first event for it.
 */
export async function expectTopics(
  bus: Pick<KafkaBus, "missing">,
  { name }: Pick<ServiceDefinition, "name">,
  edgeTenants: readonly string[],
  log: Logger,
): Promise<void> {
  const missing = await whenAnswering(() => bus.missing(topicsOfService(name, edgeTenants)), log);
  if (missing.length === 0) return;
  throw new RejectedError("topics_missing", `${name}: ${missing.join(", ")}`, {
    publicMessage: `The broker lacks ${missing.join(", ")}, or the user of ${name} may not see them. Run \`opsdesk topics apply\`, with all of OPSDESK_EDGE_TENANTS, then start again.`,
  });
}
