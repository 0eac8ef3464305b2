import type { KafkaConnection } from "@opsdesk/messaging/kafka-connection";
import {
  AclOperations,
  AclPermissionTypes,
  type Admin,
  ConfigResourceTypes,
  type Connection,
  ResourcePatternTypes,
  ResourceTypes,
} from "@platformatic/kafka";
import type { AclState, ClusterState, TopicState } from "./diff.ts";
import type { Passwords } from "./passwords.ts";
import { OUR_USERS, type Plan } from "./plan.ts";
import { scramUsers, signsIn } from "./scram.ts";

const PRINCIPAL = "User:";

/** What the cluster holds of what the plan is about. */
export async function readCluster(
  connection: KafkaConnection,
  admin: Admin,
  socket: Connection,
  plan: Plan,
  passwords: Passwords,
): Promise<ClusterState> {
  // Whoever administers the cluster is nobody's to remove, whatever its name.
  const isOurs = (user: string): boolean => user.startsWith(OUR_USERS) && user !== connection.sasl?.username;
  // First, since it needs the same right as asking for users, and this client never ends a denied question for those.
  const acls = await readAcls(admin);
  const users = new Set((await scramUsers(socket)).filter(isOurs));
  const wrongPasswords = new Set<string>();
  for (const [user, password] of passwords)
    if (users.has(user) && !(await signsIn(connection, user, password))) wrongPasswords.add(user);
  return {
    topics: await readTopics(admin, plan),
    users,
    wrongPasswords,
    acls: acls.filter((acl) => acl.user === "*" || isOurs(acl.user)),
  };
}

async function readTopics(admin: Admin, plan: Plan): Promise<ReadonlyMap<string, TopicState>> {
  const present = new Set(await admin.listTopics());
  const topics = plan.topics.filter((topic) => present.has(topic.name));
  if (topics.length === 0) return new Map();
  const { topics: metadata } = await admin.metadata({ topics: topics.map((topic) => topic.name), forceUpdate: true });
  const described = await admin.describeConfigs({
    resources: topics.map((topic) => ({
      resourceType: ConfigResourceTypes.TOPIC,
      resourceName: topic.name,
      configurationKeys: Object.keys(topic.config),
    })),
  });
  const configs = new Map(
    described.map(({ resourceName, configs: entries }) => [
      resourceName,
      Object.fromEntries(entries.map(({ name, value }) => [name, value ?? ""])),
    ]),
  );
  return new Map(
    topics.map(({ name }): [string, TopicState] => [
      name,
      {
        partitions: metadata.get(name)?.partitionsCount ?? 0,
        replicationFactor: metadata.get(name)?.partitions[0]?.replicas.length ?? 0,
        config: configs.get(name) ?? {},
      },
    ]),
  );
}

async function readAcls(admin: Admin): Promise<readonly AclState[]> {
  const resources = await admin.describeAcls({
    filter: {
      resourceType: ResourceTypes.ANY,
      resourceName: null,
      resourcePatternType: ResourcePatternTypes.ANY,
      principal: null,
      host: null,
      operation: AclOperations.ANY,
      permissionType: AclPermissionTypes.ANY,
    },
  });
  return resources.flatMap(({ resourceType, resourceName, resourcePatternType, acls }) =>
    acls
      .filter((acl) => acl.principal.startsWith(PRINCIPAL))
      .map((acl) => ({
        user: acl.principal.slice(PRINCIPAL.length),
        host: acl.host,
        resource: nameIn(ResourceTypes, resourceType),
        pattern: nameIn(ResourcePatternTypes, resourcePatternType),
        name: resourceName,
        operation: nameIn(AclOperations, acl.operation),
        permission: nameIn(AclPermissionTypes, acl.permissionType),
      })),
  );
}

const nameIn = (enumeration: Readonly<Record<string, number>>, value: number): string =>
  (Object.entries(enumeration).find(([, number]) => number === value)?.[0] ?? String(value)).toLowerCase();
