import { type AclState, type ClusterState, differences } from "./diff.ts";
import type { Plan } from "./plan.ts";

const plan: Plan = {
  topics: [{ name: "ticket.created.v1", partitions: 12, replicationFactor: 3, config: { "retention.ms": "-1" } }],
  users: [{ name: "opsdesk.ingest", passwordSetting: "INGEST_KAFKA_SASL_PASSWORD" }],
  acls: [
    { user: "opsdesk.ingest", resource: "topic", pattern: "literal", name: "ticket.created.v1", operation: "write" },
  ],
};
const granted: AclState = {
  user: "opsdesk.ingest",
  host: "*",
  resource: "topic",
  pattern: "literal",
  name: "ticket.created.v1",
  operation: "write",
  permission: "allow",
};
const asPlanned: ClusterState = {
  topics: new Map([["ticket.created.v1", { partitions: 12, replicationFactor: 3, config: { "retention.ms": "-1" } }]]),
  users: new Set(["opsdesk.ingest"]),
  wrongPasswords: new Set(),
  acls: [granted],
};
const topic = (changed: object): ClusterState => ({
  ...asPlanned,
  topics: new Map([
    ["ticket.created.v1", { partitions: 12, replicationFactor: 3, config: { "retention.ms": "-1" }, ...changed }],
  ]),
});

describe("differences", () => {
  it("is nothing for a cluster that is what its plan says", () => {
    expect(differences(plan, asPlanned)).toEqual([]);
  });

  it("is everything for an empty cluster, topics before users before rights", () => {
    const empty: ClusterState = { topics: new Map(), users: new Set(), wrongPasswords: new Set(), acls: [] };
    expect(differences(plan, empty).map(({ kind }) => kind)).toEqual(["create_topic", "create_user", "add_acl"]);
  });

  it("tells which setting is wrong, and leaves settings that nobody plans alone", () => {
    expect(differences(plan, topic({ config: { "retention.ms": "604800000", "segment.ms": "1" } }))).toEqual([
      {
        kind: "set_config",
        topic: "ticket.created.v1",
        config: [{ name: "retention.ms", from: "604800000", to: "-1" }],
      },
    ]);
  });

  it("refuses another partition count, more or fewer, and another number of replicas", () => {
    for (const partitions of [6, 24])
      expect(differences(plan, topic({ partitions }))).toMatchObject([
        {
          kind: "refused",
          subject: "ticket.created.v1",
          reason: expect.stringContaining(`has ${partitions} partitions`),
        },
      ]);
    expect(differences(plan, topic({ replicationFactor: 1 }))).toMatchObject([{ kind: "refused" }]);
  });

  it("takes any number of replicas where none was asked for", () => {
    const [first] = plan.topics;
    if (first === undefined) throw new Error("no topic");
    const { replicationFactor: _, ...anyFactor } = first;
    expect(differences({ ...plan, topics: [anyFactor] }, topic({ replicationFactor: 2 }))).toEqual([]);
  });

  it("removes rights of a planned user that nobody plans: wider, from one host only, or a denial", () => {
    for (const extra of [
      { ...granted, pattern: "prefixed" },
      { ...granted, name: "*" },
      { ...granted, operation: "all" },
      { ...granted, host: "10.0.0.1" },
      { ...granted, permission: "deny" },
    ])
      expect(differences(plan, { ...asPlanned, acls: [granted, extra] })).toEqual([{ kind: "remove_acl", acl: extra }]);
  });

  it("does not take a right from one host for the right from everywhere", () => {
    const narrow = { ...granted, host: "10.0.0.1" };
    expect(differences(plan, { ...asPlanned, acls: [narrow] }).map(({ kind }) => kind)).toEqual([
      "add_acl",
      "remove_acl",
    ]);
  });

  it("sets a password that is not the one in the environment", () => {
    expect(differences(plan, { ...asPlanned, wrongPasswords: new Set(["opsdesk.ingest"]) })).toMatchObject([
      { kind: "set_password", user: { name: "opsdesk.ingest" } },
    ]);
  });

  it("tells users that nobody plans any more, with their rights, and leaves other people's users alone", () => {
    const old = { ...granted, user: "opsdesk.edge.gone" };
    const other = { ...granted, user: "connect" };
    expect(
      differences(plan, {
        ...asPlanned,
        users: new Set(["opsdesk.ingest", "opsdesk.edge.gone"]),
        acls: [granted, old, other],
      }),
    ).toEqual([{ kind: "remove_user", user: "opsdesk.edge.gone", acls: [old] }]);
  });

  it("refuses rights of everyone on what is ours, however they are written", () => {
    for (const open of [
      { ...granted, user: "*" },
      { ...granted, user: "*", pattern: "prefixed", name: "ticket." },
      { ...granted, user: "*", name: "*" },
      { ...granted, user: "*", resource: "group", name: "opsdesk.ingest", operation: "read" },
    ])
      expect(differences(plan, { ...asPlanned, acls: [granted, open] })).toMatchObject([{ kind: "refused" }]);
    const elsewhere = { ...granted, user: "*", name: "somebody.else" };
    expect(differences(plan, { ...asPlanned, acls: [granted, elsewhere] })).toEqual([]);
  });
});
