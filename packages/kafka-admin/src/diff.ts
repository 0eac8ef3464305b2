import { type Acl, OUR_USERS, type Plan, type PlannedTopic, type PlannedUser } from "./plan.ts";

/** What a cluster holds of what a plan is about. */
export interface ClusterState {
  readonly topics: ReadonlyMap<string, TopicState>;
  /** Users with a SCRAM-SHA-256 password whose name begins like ours. */
  readonly users: ReadonlySet<string>;
  /** Users whose password in the environment is not the one the cluster knows. */
  readonly wrongPasswords: ReadonlySet<string>;
  /** Of users whose name begins like ours, and of everyone (`*`). */
  readonly acls: readonly AclState[];
}

export interface TopicState {
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly config: Readonly<Record<string, string>>;
}

/** A right as a cluster holds it, which may be one that no plan ever grants. */
export interface AclState {
  readonly user: string;
  readonly host: string;
  readonly resource: string;
  readonly pattern: string;
  readonly name: string;
  readonly operation: string;
  readonly permission: string;
}

interface ConfigDifference {
  readonly name: string;
  readonly from: string | undefined;
  readonly to: string;
}

export type Change =
  | { readonly kind: "create_topic"; readonly topic: PlannedTopic }
  | { readonly kind: "set_config"; readonly topic: string; readonly config: readonly ConfigDifference[] }
  | { readonly kind: "create_user"; readonly user: PlannedUser }
  | { readonly kind: "set_password"; readonly user: PlannedUser }
  | { readonly kind: "add_acl"; readonly acl: Acl }
  | { readonly kind: "remove_acl"; readonly acl: AclState }
  /** Nobody plans this user any more. It goes, with its rights, only when that is asked for. */
  | { readonly kind: "remove_user"; readonly user: string; readonly acls: readonly AclState[] }
  /** What nothing here ever changes, because it would break what is there: a person has to decide. */
  | { readonly kind: "refused"; readonly subject: string; readonly reason: string };

/** What stands between a cluster and its plan, in the order in which it can be changed. */
export function differences(plan: Plan, state: ClusterState): readonly Change[] {
  const planned = new Set(plan.users.map((user) => user.name));
  return [
    ...plan.topics.flatMap((topic) => topicChanges(topic, state.topics.get(topic.name))),
    ...plan.users.flatMap((user): readonly Change[] => {
      if (!state.users.has(user.name)) return [{ kind: "create_user", user }];
      return state.wrongPasswords.has(user.name) ? [{ kind: "set_password", user }] : [];
    }),
    ...aclChanges(plan, state, planned),
    ...leftUsers(state, planned),
    ...openToEveryone(plan, state),
  ];
}

function topicChanges(topic: PlannedTopic, held: TopicState | undefined): readonly Change[] {
  if (held === undefined) return [{ kind: "create_topic", topic }];
  const changes: Change[] = [];
  if (held.partitions !== topic.partitions)
    changes.push({
      kind: "refused",
      subject: topic.name,
      reason: `has ${held.partitions} partitions, not ${topic.partitions}: another count moves keys to other partitions and breaks their order`,
    });
  if (topic.replicationFactor !== undefined && held.replicationFactor !== topic.replicationFactor)
    changes.push({
      kind: "refused",
      subject: topic.name,
      reason: `has ${held.replicationFactor} replicas, not ${topic.replicationFactor}: reassign them with the tools of the cluster`,
    });
  const config = Object.entries(topic.config).flatMap(([name, to]): ConfigDifference[] =>
    held.config[name] === to ? [] : [{ name, from: held.config[name], to }],
  );
  if (config.length > 0) changes.push({ kind: "set_config", topic: topic.name, config });
  return changes;
}

const keyOf = (acl: AclState): string =>
  JSON.stringify([acl.user, acl.host, acl.resource, acl.pattern, acl.name, acl.operation, acl.permission]);

const held = (acl: Acl): AclState => ({ ...acl, host: "*", permission: "allow" });

function aclChanges(plan: Plan, state: ClusterState, planned: ReadonlySet<string>): readonly Change[] {
  const wanted = new Set(plan.acls.map((acl) => keyOf(held(acl))));
  const present = new Set(state.acls.map(keyOf));
  return [
    ...plan.acls.filter((acl) => !present.has(keyOf(held(acl)))).map((acl): Change => ({ kind: "add_acl", acl })),
    ...state.acls
      .filter((acl) => planned.has(acl.user) && !wanted.has(keyOf(acl)))
      .map((acl): Change => ({ kind: "remove_acl", acl })),
  ];
}

function leftUsers(state: ClusterState, planned: ReadonlySet<string>): readonly Change[] {
  const known = new Set([...state.users, ...state.acls.map((acl) => acl.user)]);
  return [...known]
    .filter((user) => user.startsWith(OUR_USERS) && !planned.has(user))
    .toSorted()
    .map((user) => ({ kind: "remove_user", user, acls: state.acls.filter((acl) => acl.user === user) }));
}

/** A right of everyone on a topic or group of ours undoes all others. It may be somebody's on purpose. */
const openToEveryone = (plan: Plan, state: ClusterState): readonly Change[] =>
  state.acls
    .filter((acl) => acl.user === "*" && acl.permission === "allow" && concerns(plan, acl))
    .map((acl) => ({
      kind: "refused",
      subject: acl.name,
      reason: `is open to everyone (${acl.resource} ${acl.pattern} ${acl.operation}): remove that right with the tools of the cluster`,
    }));

function concerns(plan: Plan, acl: AclState): boolean {
  const names =
    acl.resource === "topic"
      ? plan.topics.map((topic) => topic.name)
      : acl.resource === "group"
        ? plan.users.map((user) => user.name)
        : [];
  return names.some((name) =>
    acl.pattern === "prefixed" ? name.startsWith(acl.name) : acl.name === "*" || acl.name === name,
  );
}
