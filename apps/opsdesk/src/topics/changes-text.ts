import type { AclState, Change } from "@opsdesk/kafka-admin";
import { table } from "../terminal/table.ts";

/** One row a change; the rights of one user on one thing are one row. No password is part of a change. */
export function changesText(changes: readonly Change[]): string {
  const rows = new Map<string, { what: string; subject: string; details: string[] }>();
  for (const change of changes) {
    const { what, subject, detail } = rowOf(change);
    const key = `${what} ${subject}`;
    const row = rows.get(key) ?? { what, subject, details: [] };
    row.details.push(detail);
    rows.set(key, row);
  }
  return table(
    ["", "what", ""],
    [...rows.values()].map(({ what, subject, details }) => [what, subject, details.join(", ")]),
  );
}

function rowOf(change: Change): { what: string; subject: string; detail: string } {
  switch (change.kind) {
    case "create_topic":
      return {
        what: "create topic",
        subject: change.topic.name,
        detail: `${change.topic.partitions} partitions, ${change.topic.config["cleanup.policy"] ?? ""}`,
      };
    case "set_config":
      return {
        what: "set",
        subject: change.topic,
        detail: change.config.map(({ name, from, to }) => `${name} ${from ?? "unset"} → ${to}`).join(", "),
      };
    case "create_user":
      return { what: "create user", subject: change.user.name, detail: `password of ${change.user.passwordSetting}` };
    case "set_password":
      return { what: "set password", subject: change.user.name, detail: `that of ${change.user.passwordSetting}` };
    case "add_acl":
      return { what: "grant", subject: holding(change.acl), detail: change.acl.operation };
    case "remove_acl":
      return { what: "revoke", subject: holding(change.acl), detail: rightOf(change.acl) };
    case "remove_user":
      return { what: "remove user", subject: change.user, detail: `with ${change.acls.length} rights` };
    case "refused":
      return { what: "refused", subject: change.subject, detail: change.reason };
  }
}

const holding = ({ user, resource, pattern, name }: Pick<AclState, "user" | "resource" | "pattern" | "name">): string =>
  `${user} on ${resource} ${name}${pattern === "prefixed" ? "…" : ""}`;

const rightOf = ({ operation, permission, host }: AclState): string =>
  [permission === "deny" ? "denial of" : "", operation, host === "*" ? "" : `from ${host}`]
    .filter((part) => part !== "")
    .join(" ");

/** For programs: what it is about always under `subject`. */
export const jsonOf = (change: Change): Readonly<Record<string, unknown>> => {
  switch (change.kind) {
    case "create_topic":
      return { kind: change.kind, subject: change.topic.name, ...change.topic };
    case "set_config":
      return { kind: change.kind, subject: change.topic, config: change.config };
    case "create_user":
    case "set_password":
      return { kind: change.kind, subject: change.user.name, passwordSetting: change.user.passwordSetting };
    case "add_acl":
    case "remove_acl":
      return { kind: change.kind, subject: change.acl.user, acl: change.acl };
    case "remove_user":
      return { kind: change.kind, subject: change.user, acls: change.acls };
    case "refused":
      return change;
  }
};
