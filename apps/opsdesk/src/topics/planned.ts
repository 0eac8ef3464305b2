import { RejectedError } from "@opsdesk/errors";
import { type Passwords, type Plan, passwordsFrom, planOf } from "@opsdesk/kafka-admin";
import { edgeTenantsFrom, edgeTenantsOf } from "@opsdesk/messaging/edge";
import { type KafkaConnection, kafkaConnection } from "@opsdesk/messaging/kafka-connection";
import type { OutsideParty } from "@opsdesk/schemas";
import type { Command } from "commander";
import { wholeNumber } from "../terminal/command.ts";
import { UsageError } from "../terminal/usage-error.ts";
import type { Environment } from "../up/settings.ts";

export interface TopicsOptions {
  readonly tenants?: string;
  readonly outside?: string;
  readonly replicationFactor?: number;
}

export const topicsOptions = (command: Command): Command =>
  command
    .option("--tenants <names>", "tenants with topics of their own for those outside (OPSDESK_EDGE_TENANTS)")
    .option("--outside <parties>", "users outside of the shared topics, for one business: upstream,crm")
    .option("--replication-factor <n>", "copies of every topic; else the cluster's default", wholeNumber(1, 32));

/** What a cluster is held against, and how it is reached. Every problem of the environment is told at once. */
export function planned(
  options: TopicsOptions,
  environment: Environment,
): { readonly connection: KafkaConnection; readonly plan: Plan; readonly passwords: Passwords } {
  const problems: string[] = [];
  const tried = <Value>(read: () => Value): Value | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof RejectedError) || error instanceof UsageError) throw error;
      problems.push(error.publicMessage ?? error.message);
      return undefined;
    }
  };
  const outside = outsideOf(options.outside);
  const connection = tried(() => kafkaConnection(environment));
  const edgeTenants = tried(() =>
    options.tenants === undefined ? edgeTenantsFrom(environment) : edgeTenantsOf(options.tenants, "--tenants"),
  );
  if (outside.length > 0 && (edgeTenants ?? []).length > 0)
    throw new UsageError(
      "--outside lets outside parties read every tenant's events: leave it out where tenants have topics of their own.",
    );
  const plan = planOf({
    edgeTenants: edgeTenants ?? [],
    outside,
    ...(options.replicationFactor === undefined ? {} : { replicationFactor: options.replicationFactor }),
  });
  const passwords = tried(() => passwordsFrom(plan, environment));
  if (connection === undefined || passwords === undefined || problems.length > 0)
    throw new RejectedError("config_invalid", problems.join("; "), { publicMessage: problems.join("\n") });
  return { connection, plan, passwords };
}

function outsideOf(list = ""): readonly OutsideParty[] {
  const names = list
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  return names.map((name) => {
    const party = (["upstream", "crm"] as const).find((one) => one === name);
    if (party === undefined) throw new UsageError(`--outside ${name}: expected upstream, crm or both.`);
    return party;
  });
}
