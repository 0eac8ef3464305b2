import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A workspace in small: two services with every layer, the packages below them and an app above, all keeping the rules. */
const clean: Readonly<Record<string, string>> = {
  "schemas/src/index.ts": `import type { TSchema } from "typebox";\nimport { BugError } from "@opsdesk/errors";\nexport type Contract = TSchema;\nexport const fail = (): never => { throw new BugError(); };\n`,
  "packages/errors/src/index.ts": `export class BugError extends Error {}\n`,
  "packages/identity/src/index.ts": `export const idFor = (name: string): string => name;\nexport const newId = (): string => "";\n`,
  "packages/database/src/index.ts": `export interface Database { readonly query: (text: string) => Promise<unknown> }\n`,
  "packages/database/src/pglite.ts": `import { PGlite } from "@electric-sql/pglite";\nimport { Pool } from "pg";\nexport const open = (): unknown => [PGlite, Pool];\n`,
  "packages/database/src/testing.ts": `import { tool } from "test-tool";\nexport const testing = tool;\n`,
  "packages/jobs/src/index.ts": `export interface Jobs { readonly send: (name: string) => void }\n`,
  // `using` is here because a parser that does not know it stops the whole reading.
  "packages/jobs/src/pg-boss.ts": `import { PgBoss } from "pg-boss";\nexport const jobs = async (open: () => AsyncDisposable): Promise<unknown> => {\n  await using opened = open();\n  return [PgBoss, opened];\n};\n`,
  "packages/messaging/src/index.ts": `export * from "./outcome.ts";\n`,
  "packages/messaging/src/outcome.ts": `export const done = (): string => "done";\n`,
  "packages/messaging/src/log-bus.ts": `import { Kafka } from "kafkajs";\nexport const bus = Kafka;\n`,
  "packages/servers/src/index.ts": `import { Kafka } from "kafkajs";\nimport { Client } from "pg";\nimport { tool } from "test-tool";\nexport const start = [Kafka, Client, tool];\n`,
  "packages/kafka-admin/src/client.ts": `import { Admin } from "@platformatic/kafka";\nexport const admin = Admin;\n`,
  "services/alpha/src/main.ts": `import { config } from "./config.ts";\nimport { wire } from "./wiring.ts";\nwire(config(process.env));\n`,
  "services/alpha/src/config.ts": `export const config = (env: object): object => Object.freeze({ ...env });\n`,
  "services/alpha/src/wiring.ts": `import { open } from "@opsdesk/database/pglite";\nimport { subscriptions } from "./subscriptions.ts";\nexport const wire = (config: object): unknown => [config, open, subscriptions];\n`,
  "services/alpha/src/subscriptions.ts": `import { onEvent } from "./handlers/on-event.ts";\nimport { runJob } from "./jobs/run-job.ts";\nexport const subscriptions = [onEvent, runJob];\n`,
  "services/alpha/src/decide/rule.ts": `import { idFor } from "@opsdesk/identity";\nimport { done } from "@opsdesk/messaging/outcome";\nimport type { Contract } from "@opsdesk/schemas";\nexport const rule = (contract: Contract, at: string): unknown => [contract, new Date(at), idFor(at), done()];\n`,
  "services/alpha/src/handlers/on-event.ts": `import { rule } from "../decide/rule.ts";\nimport type { Rows } from "../store/rows.ts";\nexport const onEvent = (rows: Rows): unknown => [rule, rows];\n`,
  "services/alpha/src/jobs/run-job.ts": `import type { Peer } from "../clients/peer.ts";\nimport { rule } from "../decide/rule.ts";\nexport const runJob = (peer: Peer): unknown => [rule, peer];\n`,
  "services/alpha/src/store/rows.ts": `import type { Database } from "@opsdesk/database";\nexport interface Rows { readonly read: (database: Database) => void }\n`,
  "services/alpha/src/clients/peer.ts": `export interface Peer { readonly call: () => void }\n`,
  "services/alpha/src/clients/stores.ts": `import { Client } from "@opensearch-project/opensearch";\nimport { driver } from "neo4j-driver";\nexport const stores = [Client, driver];\n`,
  "services/alpha/src/http/routes.ts": `import { onEvent } from "../handlers/on-event.ts";\nexport const routes = [onEvent];\n`,
  "services/beta/src/decide/rule.ts": `export const rule = (): string => "beta";\n`,
  "apps/desk/src/main.ts": `import { rule } from "@opsdesk/service-beta";\nrule();\n`,
};

/** Packages of the registry, as stubs: what they contain does not matter, except that `needs-node` works only under Node. */
const stubs: Readonly<Record<string, string>> = {
  typebox: "export {};",
  pg: "export const Pool = 1;",
  "@electric-sql/pglite": "export const PGlite = 1;",
  "pg-boss": "export const PgBoss = 1;",
  kafkajs: "export const Kafka = 1;",
  "@platformatic/kafka": "export const Admin = 1;",
  "neo4j-driver": "export const driver = 1;",
  "@opensearch-project/opensearch": "export const Client = 1;",
  "test-tool": "export const tool = 1;",
  "needs-node": `import { readFileSync } from "node:fs";\nexport const read = readFileSync;`,
};

const folders = [
  "schemas",
  "packages/errors",
  "packages/identity",
  "packages/database",
  "packages/jobs",
  "packages/messaging",
  "packages/servers",
  "services/alpha",
  "services/beta",
  "apps/desk",
];

/** Writes the workspace, with further files on top of the clean ones, into an empty folder. */
export function writeWorkspace(folder: string, planted: Readonly<Record<string, string>>): void {
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  for (const [path, content] of Object.entries({ ...clean, ...planted })) write(path, content);
  for (const [name, content] of Object.entries(stubs)) {
    write(
      `node_modules/${name}/package.json`,
      JSON.stringify({ name, version: "1.0.0", type: "module", exports: "./index.js" }),
    );
    write(`node_modules/${name}/index.js`, content);
  }
  const names = new Map(
    folders.map((path) => [
      path,
      `@opsdesk/${path.replace("services/", "service-").replace(/^(packages|apps)\//, "")}`,
    ]),
  );
  mkdirSync(join(folder, "node_modules/@opsdesk"), { recursive: true });
  for (const [path, name] of names) {
    const product = [...Object.keys(stubs).filter((stub) => stub !== "test-tool"), ...names.values()];
    write(
      `${path}/package.json`,
      JSON.stringify({
        name,
        type: "module",
        exports:
          path === "services/beta" ? { ".": "./src/decide/rule.ts" } : { ".": "./src/index.ts", "./*": "./src/*.ts" },
        dependencies: Object.fromEntries(product.map((dependency) => [dependency, "*"])),
        devDependencies: { "test-tool": "*" },
      }),
    );
    // As a package manager links a workspace. A junction needs no rights on Windows.
    symlinkSync(join(folder, path), join(folder, "node_modules", name), "junction");
  }
}
