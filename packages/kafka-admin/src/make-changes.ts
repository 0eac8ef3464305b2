import {
  AclOperations,
  AclPermissionTypes,
  type Admin,
  ConfigResourceTypes,
  type Connection,
  IncrementalAlterConfigOperationTypes,
  ResourcePatternTypes,
  ResourceTypes,
} from "@platformatic/kafka";
import type { AclState, Change } from "./diff.ts";
import type { Passwords } from "./passwords.ts";
import type { Acl, PlannedTopic } from "./plan.ts";
import { removeUsers, setPasswords } from "./scram.ts";

/**
 * Makes changes in the order that leaves nothing half open: topics first, then users, then their rights; rights that
 * nobody plans go last. Every one of them can be made again.
 */
export async function makeChanges(
  admin: Admin,
  socket: Connection,
  changes: readonly Change[],
  passwords: Passwords,
): Promise<void> {
  for (const alike of topicsBySettings(changes))
    await admin.createTopics({
      topics: alike.map(({ name, partitions, replicationFactor }) => ({
        topic: name,
        partitions,
        ...(replicationFactor === undefined ? {} : { replicas: replicationFactor }),
      })),
      configs: Object.entries(alike[0].config).map(([name, value]) => ({ name, value })),
    });

  const configured = changes.filter((change) => change.kind === "set_config");
  if (configured.length > 0)
    await admin.incrementalAlterConfigs({
      resources: configured.map(({ topic, config }) => ({
        resourceType: ConfigResourceTypes.TOPIC,
        resourceName: topic,
        configs: config.map(({ name, to }) => ({
          name,
          configOperation: IncrementalAlterConfigOperationTypes.SET,
          value: to,
        })),
      })),
    });

  const signed = new Map(
    changes.flatMap((change) => {
      if (change.kind !== "create_user" && change.kind !== "set_password") return [];
      const password = passwords.get(change.user.name);
      return password === undefined ? [] : [[change.user.name, password] as const];
    }),
  );
  if (signed.size > 0) await setPasswords(socket, signed);

  const granted = changes.flatMap((change) => (change.kind === "add_acl" ? [creation(change.acl)] : []));
  if (granted.length > 0) await admin.createAcls({ creations: granted });

  const removed = changes.flatMap((change) =>
    change.kind === "remove_acl" ? [change.acl] : change.kind === "remove_user" ? change.acls : [],
  );
  if (removed.length > 0) await admin.deleteAcls({ filters: removed.map(described) });
}

/** One request makes many topics, but all with the same settings. */
function topicsBySettings(changes: readonly Change[]): readonly (readonly [PlannedTopic, ...PlannedTopic[]])[] {
  const alike = new Map<string, [PlannedTopic, ...PlannedTopic[]]>();
  for (const change of changes) {
    if (change.kind !== "create_topic") continue;
    const settings = JSON.stringify(change.topic.config);
    const others = alike.get(settings);
    if (others === undefined) alike.set(settings, [change.topic]);
    else others.push(change.topic);
  }
  return [...alike.values()];
}

/** The last of all: a user that still has rights is not left without them by halves. */
export async function removeLeftUsers(
  socket: Connection,
  users: ReadonlySet<string>,
  changes: readonly Change[],
): Promise<void> {
  const names = changes.flatMap((change) =>
    change.kind === "remove_user" && users.has(change.user) ? [change.user] : [],
  );
  if (names.length > 0) await removeUsers(socket, names);
}

const creation = (acl: Acl) => described({ ...acl, host: "*", permission: "allow" });

/** Names of the plan and of the state are those of the protocol in lower case. */
const described = (acl: AclState) => ({
  principal: `User:${acl.user}`,
  host: acl.host,
  resourceType: valueIn(ResourceTypes, acl.resource),
  resourceName: acl.name,
  resourcePatternType: valueIn(ResourcePatternTypes, acl.pattern),
  operation: valueIn(AclOperations, acl.operation),
  permissionType: valueIn(AclPermissionTypes, acl.permission),
});

function valueIn<Value extends number>(enumeration: Readonly<Record<string, Value>>, name: string): Value {
  const value = enumeration[name.toUpperCase()];
  if (value === undefined) throw new TypeError(`the protocol knows no ${name}`);
  return value;
}
