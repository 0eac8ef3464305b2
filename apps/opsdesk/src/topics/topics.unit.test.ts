import { RejectedError } from "@opsdesk/errors";
import { UsageError } from "../terminal/usage-error.ts";
import { changesText } from "./changes-text.ts";
import { planned } from "./planned.ts";

const environment = { KAFKA_BROKERS: "a:9092", OPSDESK_EDGE_TENANTS: "acme" };

describe("what a cluster is held against", () => {
  it("has the tenants of the environment, or those that the command names", () => {
    const names = (options: object) => planned(options, environment).plan.users.map(({ name }) => name);
    expect(names({})).toContain("opsdesk.edge.acme");
    expect(names({ tenants: "globex" })).toContain("opsdesk.edge.globex");
    expect(names({ tenants: "globex" })).not.toContain("opsdesk.edge.acme");
    expect(names({ tenants: "", outside: "upstream,crm" })).toContain("opsdesk.crm");
  });

  it("does not open the shared topics to those outside where tenants share the installation", () => {
    expect(() => planned({ outside: "crm" }, environment)).toThrow(UsageError);
    expect(() => planned({ tenants: "", outside: "everyone" }, environment)).toThrow(UsageError);
  });

  it("tells every problem of the environment at once, and no password", () => {
    const told = (): string => {
      try {
        planned({}, { OPSDESK_EDGE_TENANTS: "Acme", INGEST_KAFKA_SASL_PASSWORD: "s3cret" });
        return "";
      } catch (error) {
        return error instanceof RejectedError ? (error.publicMessage ?? "") : String(error);
      }
    };
    expect(told()).toMatch(/KAFKA_BROKERS.*\n.*OPSDESK_EDGE_TENANTS.*\n.*INGEST_KAFKA_SASL_PASSWORD/);
    expect(told()).not.toContain("s3cret");
  });
});

describe("changes as text", () => {
  it("tells all rights of one user on one thing in one row", () => {
    const acl = { user: "opsdesk.ingest", resource: "group", pattern: "prefixed", name: "opsdesk.ingest." } as const;
    const text = changesText([
      { kind: "add_acl", acl: { ...acl, operation: "read" } },
      { kind: "add_acl", acl: { ...acl, operation: "describe" } },
      { kind: "remove_acl", acl: { ...acl, host: "10.0.0.1", operation: "all", permission: "deny" } },
      { kind: "set_config", topic: "t.v1", config: [{ name: "retention.ms", from: "1", to: "-1" }] },
    ]);
    expect(text).toContain("grant   opsdesk.ingest on group opsdesk.ingest.…  read, describe");
    expect(text).toContain("denial of all from 10.0.0.1");
    expect(text).toContain("retention.ms 1 → -1");
  });
});
