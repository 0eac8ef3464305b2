import { topicCatalogue } from "@opsdesk/schemas";
import { type Acl, planOf } from "./plan.ts";

const NOBODY = { edgeTenants: [], outside: [] };
const topicsFor = (acls: readonly Acl[], user: string, operation: string): readonly string[] =>
  acls
    .filter((acl) => acl.user === user && acl.resource === "topic" && acl.operation === operation)
    .map((acl) => acl.name)
    .toSorted();

describe("planOf", () => {
  it("plans exactly the catalogue's topics, with its partitions and retention", () => {
    const { topics } = planOf(NOBODY);
    expect(topics.map(({ name }) => name)).toEqual(topicCatalogue.map(({ name }) => name));
    for (const { name, partitions, config } of topics) {
      const entry = topicCatalogue.find((one) => one.name === name);
      expect([partitions, config["cleanup.policy"], config["retention.ms"]]).toEqual([
        entry?.partitions,
        entry?.cleanupPolicy,
        String(entry?.retentionMs),
      ]);
    }
  });

  it("grants each service exactly its ends of the catalogue", () => {
    const { acls, users } = planOf(NOBODY);
    for (const { name } of users) {
      const service = name.replace("opsdesk.", "");
      const names = (end: "producers" | "consumers"): readonly string[] =>
        topicCatalogue
          .filter((topic) => (topic[end] as readonly string[]).includes(service))
          .map((topic) => topic.name);
      expect(topicsFor(acls, name, "read")).toEqual(names("consumers"));
      expect(topicsFor(acls, name, "write")).toEqual(names("producers"));
      expect(topicsFor(acls, name, "describe")).toEqual(
        [...new Set([...names("consumers"), ...names("producers")])].toSorted(),
      );
    }
  });

  it("plans one user a service and none outside, unless they are named", () => {
    expect(planOf(NOBODY).users).toContainEqual({
      name: "opsdesk.safety-gate",
      passwordSetting: "SAFETY_GATE_KAFKA_SASL_PASSWORD",
    });
    expect(planOf(NOBODY).users).toHaveLength(8);
    const { users, acls } = planOf({ edgeTenants: [], outside: ["upstream", "crm"] });
    expect(users.map(({ name }) => name)).toEqual(expect.arrayContaining(["opsdesk.crm", "opsdesk.upstream"]));
    expect(topicsFor(acls, "opsdesk.upstream", "write")).toEqual(["enquiry.submitted.v1"]);
    expect(topicsFor(acls, "opsdesk.crm", "write")).toEqual([]);
    expect(topicsFor(acls, "opsdesk.crm", "read")).toContain("ai.draft.review_required.v1");
  });

  it("lets each use only consumer groups that begin with its own whole name", () => {
    const groups = planOf(NOBODY).acls.filter(
      (acl) => acl.resource === "group" && acl.user === "opsdesk.ingest" && acl.operation === "read",
    );
    expect(groups.map(({ pattern, name }) => `${pattern} ${name}`)).toEqual([
      "literal opsdesk.ingest",
      "prefixed opsdesk.ingest.",
      "prefixed opsdesk.ingest@",
    ]);
  });

  it("gives a tenant's user its own edge topics and nothing else, and services the inner ends", () => {
    const { acls, users, topics } = planOf({ edgeTenants: ["acme", "my-shop"], outside: [] });
    expect(topics).toHaveLength(topicCatalogue.length + 14);
    expect(users).toContainEqual({ name: "opsdesk.edge.my-shop", passwordSetting: "EDGE_MY_SHOP_KAFKA_SASL_PASSWORD" });
    const acme = acls.filter((acl) => acl.user === "opsdesk.edge.acme");
    for (const { name, resource } of acme)
      if (resource === "topic") expect(name).toMatch(/\.v1\.acme$/);
      else expect(name).toMatch(/^opsdesk\.edge\.acme[.@]?$/);
    expect(topicsFor(acme, "opsdesk.edge.acme", "write")).toEqual(["enquiry.submitted.v1.acme"]);
    expect(topicsFor(acme, "opsdesk.edge.acme", "read")).toHaveLength(6);
    expect(topicsFor(acls, "opsdesk.ingest", "read")).toContain("enquiry.submitted.v1.my-shop");
    expect(topicsFor(acls, "opsdesk.safety-gate", "write")).toContain("ai.draft.review_required.v1.acme");
    expect(topicsFor(acls, "opsdesk.console", "read").filter((name) => /\.v1\./.test(name))).toEqual([]);
  });

  it("asks for two copies in step only where there are three", () => {
    const config = (replicationFactor: number) => planOf({ ...NOBODY, replicationFactor }).topics[0]?.config;
    expect(config(3)).toMatchObject({ "min.insync.replicas": "2" });
    expect(config(1)).not.toHaveProperty(["min.insync.replicas"]);
  });
});
