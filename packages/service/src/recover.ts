import { sql } from "@opsdesk/database";
import { openPostgres } from "@opsdesk/database/postgres";
import { RejectedError } from "@opsdesk/errors";
import type { RecoverReport } from "@opsdesk/messaging";
import { groupMembers } from "@opsdesk/messaging/kafka-groups";
import { kafkaConnection } from "@opsdesk/messaging/kafka-connection";
import type { Logger } from "pino";
import type { Environment, ServiceDefinition } from "./definition.ts";
import { host } from "./host.ts";
import { openLocalLane } from "./local.ts";

export interface RecoverServices {
  /** In the order in which they are made up for; all of an installation, or what one has events for would be late. */
  readonly services: readonly ServiceDefinition[];
  /** As the services have it, with `DATABASE_OWNER_URL` and a user of the broker who may read everything. */
  readonly environment: Environment;
  readonly defaultTenant: string | undefined;
  readonly dryRun: boolean;
  readonly log: Logger;
  readonly onService?: (name: string, report: RecoverReport) => void;
  readonly onProgress?: (name: string, done: number, total: number) => void;
}

const LOCK = 4_607_183;

/**
 * Makes up for slices that were restored to an earlier moment than the log, one service after the other. Throws
 * RejectedError `services_running` where any of them still consumes or is connected, and `recovery_running`.
 */
export async function recoverServices(how: RecoverServices): Promise<ReadonlyMap<string, RecoverReport>> {
  const { environment, services } = how;
  const url = environment["DATABASE_OWNER_URL"] ?? "";
  const lock = openPostgres({ url, name: "opsdesk recover lock", connectionsMax: 2, idleInTransactionMsMax: 0 });
  try {
    return await lock.transaction(async (held) => {
      const [row] = await held.query<{ mine: boolean }>(sql`select pg_try_advisory_xact_lock(${LOCK}::bigint) as mine`);
      if (row?.mine !== true) throw refused("recovery_running", "Another recovery of this database is running.");
      const connected = await held.query<{ name: string }>(
        sql`select distinct application_name as name from pg_stat_activity
            where datname = current_database() and application_name = any(${services.map(({ name }) => `opsdesk.${name}`)}::text[])`,
      );
      const groups = services.map(({ name }) => `opsdesk.${name}`);
      const consuming = [...(await groupMembers(kafkaConnection(environment), groups))].flatMap(([group, members]) =>
        members > 0 ? [group] : [],
      );
      const running = [...new Set([...connected.map(({ name }) => name), ...consuming])].toSorted();
      if (running.length > 0)
        throw refused(
          "services_running",
          `Stop these services first, and wait ten seconds after one that was killed: ${running.join(", ")}.`,
        );
      const reports = new Map<string, RecoverReport>();
      for (const service of services) {
        const report = await recoverOne(service, how);
        reports.set(service.name, report);
        how.onService?.(service.name, report);
      }
      return reports;
    });
  } finally {
    await lock.close();
  }
}

async function recoverOne(service: ServiceDefinition, how: RecoverServices): Promise<RecoverReport> {
  const lane = await openLocalLane({
    services: [service],
    environment: asAdministrator(how.environment, service),
    log: how.log,
    defaultTenant: how.defaultTenant,
    recovering: true,
  });
  try {
    const hosted = await host(lane, service, undefined);
    try {
      return await hosted.recover({
        dryRun: how.dryRun,
        onProgress: (done, total) => how.onProgress?.(service.name, done, total),
      });
    } finally {
      if (!how.dryRun) await hosted.stop();
    }
  } finally {
    await lane.close();
  }
}

/** A service may read what it consumes; its own events are read with more rights, and its slice in its own role. */
function asAdministrator(environment: Environment, { name }: ServiceDefinition): Environment {
  const prefix = `${name.toUpperCase().replaceAll("-", "_")}_`;
  const own = Object.entries(environment).filter(
    ([key]) => key !== `${prefix}DATABASE_URL` && !key.startsWith(`${prefix}KAFKA_`),
  );
  return { ...Object.fromEntries(own), DATABASE_URL: environment["DATABASE_OWNER_URL"] };
}

const refused = (code: "recovery_running" | "services_running", message: string): RejectedError =>
  new RejectedError(code, message, { publicMessage: message });
